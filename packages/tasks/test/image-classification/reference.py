"""Writes reference.json: normalised, cropped and mirrored images as NumPy makes them. python3 reference.py (numpy 2.x)

Pixels are (7 i + 3 i^2 / 4) mod 256 of the running number i, [4 images, 2 channels, 4, 4]. A crop is torchvision's: black pixels
around the image, a part of the image's own size at (top, left) of the padded one, then mirrored, then divided by 255,
less the mean, over the standard deviation of the population.
"""
import json
import numpy as np

i = np.arange(4 * 2 * 4 * 4, dtype=np.int64)
pixels = ((7 * i + 3 * i * i // 4) % 256).astype(np.uint8).reshape(4, 2, 4, 4)
mean = (pixels / 255.0).mean(axis=(0, 2, 3))
deviation = (pixels / 255.0).std(axis=(0, 2, 3))
views = []
for image, top, left, mirrored in [(0, 2, 2, False), (1, 0, 3, False), (2, 4, 1, True), (3, 2, 2, True)]:
    padded = np.pad(pixels[image], ((0, 0), (2, 2), (2, 2)))
    seen = padded[:, top : top + 4, left : left + 4]
    if mirrored:
        seen = seen[:, :, ::-1]
    values = (seen / 255.0 - mean[:, None, None]) / deviation[:, None, None]
    views.append({"image": image, "top": top - 2, "left": left - 2, "mirrored": mirrored,
                  "values": [round(float(v), 6) for v in values.reshape(-1)]})
json.dump({"mean": mean.tolist(), "standardDeviation": deviation.tolist(), "views": views},
          open("reference.json", "w"))
