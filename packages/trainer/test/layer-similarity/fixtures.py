"""Linear CKA and cosines by numpy, for linear-cka.test.ts. Run: python3 fixtures.py > fixtures.json"""
import json
import numpy as np


def centering_kernel_cka(x, y):
    """Kornblith et al. 2019, section 3: HSIC with linear kernels and the centering matrix."""
    n = len(x)
    h = np.eye(n) - np.ones((n, n)) / n
    k, l = x @ x.T, y @ y.T
    hsic = lambda a, b: np.trace(a @ h @ b @ h) / (n - 1) ** 2
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


random = np.random.default_rng(2019)
x = np.round(random.normal(size=(9, 3)), 3)
mixed = np.round(x @ random.normal(size=(3, 3)) + 0.5 * random.normal(size=(9, 3)) + 7, 3)
other = np.round(random.normal(size=(9, 5)), 3)
states = [x, mixed, other]
layers = [[np.round(random.normal(size=shape), 3) for shape in ((4,), (2,))] for _ in range(3)]
flat = [np.concatenate(layer) for layer in layers]
print(json.dumps({
    "states": [s.tolist() for s in states],
    "cka": [[float(centering_kernel_cka(a, b)) for b in states] for a in states],
    "layers": [[p.tolist() for p in layer] for layer in layers],
    "cosines": [[float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) for b in flat] for a in flat],
}))
