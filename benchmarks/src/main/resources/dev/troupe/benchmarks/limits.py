# What the machine can do, and the parts of which decoding and training consist, each alone.
# Results go to a list so that none of the repeated work is dead code.

# The operands of repeated products in a type, the matrix in oneDNN's blocked layout if wanted.
def operands(self: __torch__.M, x: Tensor, w: Tensor, dt: int, blocked: bool) -> List[Tensor]:
  torch.set_grad_enabled(False)
  return [torch.clone(torch.to(x, dt)), __torch__.store(w, dt, blocked, torch.size(x, 0))]

# x w^T, n times.
def products(self: __torch__.M, xw: List[Tensor], blocked: bool, n: int) -> Tensor:
  torch.set_grad_enabled(False)
  none = torch.new_empty(xw[0], [0])
  kept = [none]
  for i in range(n):
    _0 = torch._set_item(kept, 0, __torch__.product(xw[0], xw[1], none, False, blocked))
  return kept[0]

# Reads x once, n times.
def reads(self: __torch__.M, x: Tensor, n: int) -> Tensor:
  torch.set_grad_enabled(False)
  kept = [x]
  for i in range(n):
    _0 = torch._set_item(kept, 0, torch.sum(x))
  return kept[0]

# The matrix products of n decoded tokens a row: x [B, D], inner [B, F] and packed weights.
def decode_products(self: __torch__.M, ps: List[Tensor], x: Tensor, inner: Tensor, layers: int, dt: int, n: int) -> Tensor:
  torch.set_grad_enabled(False)
  x = torch.to(x, dt)
  inner = torch.to(inner, dt)
  none = torch.new_empty(x, [0])
  kept = [none]
  for j in range(n):
    for l in range(layers):
      _0 = torch._set_item(kept, 0, __torch__.product(x, ps[24 * l], none, False, True))
      _1 = torch._set_item(kept, 0, __torch__.product(x, ps[24 * l + 2], none, False, True))
      _2 = torch._set_item(kept, 0, __torch__.product(x, ps[24 * l + 4], none, False, True))
      _3 = torch._set_item(kept, 0, __torch__.product(inner, ps[24 * l + 6], none, False, True))
    _4 = torch._set_item(kept, 0, __torch__.product(x, ps[-2], none, False, True))
  return kept[0]

# The attention of n decoded tokens a row over all cache slots, with a cache for each layer.
def decode_attention(self: __torch__.M, q: Tensor, ks: List[Tensor], vs: List[Tensor], dt: int, n: int) -> Tensor:
  torch.set_grad_enabled(False)
  q = torch.to(q, dt)
  kept = [q]
  for j in range(n):
    for l in range(torch.len(ks)):
      scores = torch.matmul(q, ks[l])
      _0 = torch._set_item(kept, 0, torch.matmul(torch.softmax(scores, -1), vs[l]))
  return kept[0]

# n draws a row at temperature 1 with their log-probabilities.
def draws(self: __torch__.M, logits: Tensor, u: Tensor, n: int) -> Tensor:
  torch.set_grad_enabled(False)
  kept = [u]
  for j in range(n):
    t, lp = __torch__.draw(logits, u, [1., 1., 0.], 0)
    _0 = torch._set_item(kept, 0, lp)
  return kept[0]

# Three products a matrix, as a forward and a backward pass need them: ws and gs (gradients of x w^T) in order,
# xs their inputs; each group of four is repeated for every layer, a fifth is the head.
def train_products(self: __torch__.M, xs: List[Tensor], ws: List[Tensor], gs: List[Tensor], layers: int) -> Tensor:
  torch.set_grad_enabled(False)
  kept = [xs[0]]
  for i in range(torch.len(ws)):
    times = layers
    if torch.eq(i, 4):
      times = 1
    for l in range(times):
      _0 = torch._set_item(kept, 0, torch.linear(xs[i], ws[i]))
      _1 = torch._set_item(kept, 0, torch.mm(gs[i], ws[i]))
      _2 = torch._set_item(kept, 0, torch.mm(torch.t(gs[i]), xs[i]))
  return kept[0]

# Causal attention of q [B, H, T, S] over k and v [B, KV, T, S], forward and backward, once a layer;
# real as in decoder.py.
def train_attention(self: __torch__.M, qkv: List[Tensor], layers: int, real: List[float], dt: int) -> Tensor:
  kept = [qkv[0]]
  for l in range(layers):
    torch.set_grad_enabled(True)
    q = torch.requires_grad_(torch.detach(qkv[0]))
    k = torch.requires_grad_(torch.detach(qkv[1]))
    v = torch.requires_grad_(torch.detach(qkv[2]))
    y = __torch__.attention(q, k, v, 0, real, dt)
    gs = torch.grad([y], [q, k, v], annotate(List[Optional[Tensor]], [torch.detach(y)]))
    torch.set_grad_enabled(False)
    g = gs[0]
    if g is not None:
      _0 = torch._set_item(kept, 0, g)
  return kept[0]

def converted(self: __torch__.M, xs: List[Tensor], dt: int) -> List[Tensor]:
  torch.set_grad_enabled(False)
  out = annotate(List[Tensor], [])
  for i in range(torch.len(xs)):
    _0 = torch.append(out, torch.clone(torch.to(torch.detach(xs[i]), dt)))
  return out
