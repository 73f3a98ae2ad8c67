"""Names of the transformed features of the image tasks: what Transform writes and the models read."""

IMAGE_XF = "image_xf"  # float32[height * width], 0..1
LABEL_XF = "label_xf"  # int64[1]
SCALE = "scale"  # key of Transform's custom_config: the brightest pixel, which becomes 1
