"""Pages with plots and tables that need nothing else: what a report and a comparison share.

Plots are drawn in the browser by Vega, Vega-Lite and Vega-Embed, which `vl-convert-python` brings
along as one bundle of 0.9 MB, without network. Plotly's only bundle in its Python package is
4.8 MB; Bokeh's is 1.3 MB, but it has no parallel coordinates and cannot change to dark colours
once drawn. Vega-Lite's specifications are plain data, so plots are tested without a browser.
"""
