"""Which of torch's functions work element by element, and which methods work in place as well.

Written by ``python -m tools.elementwise``.
"""

from __future__ import annotations

# every element of the result is made of the element at its place; by a call that shows it
OF_ONE = {
    "x": """
torch.abs torch.abs_ torch.absolute torch.acos torch.acos_ torch.arccos torch.arccos_ torch.arcsin torch.arcsin_
torch.arcsinh torch.arctan torch.arctan_ torch.arctanh torch.asin torch.asin_ torch.asinh torch.atan torch.atan_
torch.atanh torch.celu torch.celu_ torch.clone torch.conj torch.conj_physical torch.conj_physical_ torch.cos torch.cos_
torch.cosh torch.cosh_ torch.deg2rad torch.deg2rad_ torch.digamma torch.erf torch.erf_ torch.erfc torch.erfc_
torch.erfinv torch.exp torch.exp2 torch.exp2_ torch.exp_ torch.expm1 torch.expm1_ torch.frac torch.frac_
torch.hardshrink torch.i0 torch.i0_ torch.lgamma torch.log torch.log10 torch.log10_ torch.log1p torch.log1p_ torch.log2
torch.log2_ torch.log_ torch.logit torch.logit_ torch.nan_to_num torch.nan_to_num_ torch.neg_ torch.negative
torch.negative_ torch.positive torch.rad2deg torch.rad2deg_ torch.real torch.reciprocal torch.reciprocal_ torch.relu
torch.relu_ torch.resolve_conj torch.resolve_neg torch.rrelu torch.rrelu_ torch.rsqrt torch.rsqrt_ torch.selu
torch.selu_ torch.sigmoid torch.sigmoid_ torch.sin torch.sin_ torch.sinc torch.sinc_ torch.sinh torch.sinh_ torch.sqrt
torch.sqrt_ torch.square torch.square_ torch.tan torch.tan_ torch.tanh torch.tanh_ Tensor.abs Tensor.abs_
Tensor.absolute Tensor.absolute_ Tensor.acos Tensor.acos_ Tensor.arccos Tensor.arccos_ Tensor.arcsin Tensor.arcsin_
Tensor.arcsinh Tensor.arctan Tensor.arctan_ Tensor.arctanh Tensor.asin Tensor.asin_ Tensor.asinh Tensor.atan
Tensor.atan_ Tensor.atanh Tensor.bfloat16 Tensor.clone Tensor.conj Tensor.conj_physical Tensor.conj_physical_
Tensor.contiguous Tensor.cos Tensor.cos_ Tensor.cosh Tensor.cosh_ Tensor.deg2rad Tensor.deg2rad_ Tensor.digamma
Tensor.digamma_ Tensor.double Tensor.erf Tensor.erf_ Tensor.erfc Tensor.erfc_ Tensor.erfinv Tensor.erfinv_ Tensor.exp
Tensor.exp2 Tensor.exp2_ Tensor.exp_ Tensor.expm1 Tensor.expm1_ Tensor.float Tensor.frac Tensor.frac_ Tensor.half
Tensor.hardshrink Tensor.i0 Tensor.i0_ Tensor.lgamma Tensor.lgamma_ Tensor.log Tensor.log10 Tensor.log10_ Tensor.log1p
Tensor.log1p_ Tensor.log2 Tensor.log2_ Tensor.log_ Tensor.logit Tensor.logit_ Tensor.nan_to_num Tensor.nan_to_num_
Tensor.neg_ Tensor.negative Tensor.negative_ Tensor.positive Tensor.rad2deg Tensor.rad2deg_ Tensor.reciprocal
Tensor.reciprocal_ Tensor.relu Tensor.relu_ Tensor.requires_grad_ Tensor.resolve_conj Tensor.resolve_neg Tensor.rsqrt
Tensor.rsqrt_ Tensor.sigmoid Tensor.sigmoid_ Tensor.sin Tensor.sin_ Tensor.sinc Tensor.sinc_ Tensor.sinh Tensor.sinh_
Tensor.sqrt Tensor.sqrt_ Tensor.square Tensor.square_ Tensor.tan Tensor.tan_ Tensor.tanh Tensor.tanh_
torch.nn.functional.alpha_dropout torch.nn.functional.celu torch.nn.functional.celu_ torch.nn.functional.elu
torch.nn.functional.elu_ torch.nn.functional.feature_alpha_dropout torch.nn.functional.gelu
torch.nn.functional.hardshrink torch.nn.functional.hardsigmoid torch.nn.functional.hardswish
torch.nn.functional.hardtanh torch.nn.functional.hardtanh_ torch.nn.functional.leaky_relu
torch.nn.functional.leaky_relu_ torch.nn.functional.logsigmoid torch.nn.functional.mish torch.nn.functional.relu
torch.nn.functional.relu6 torch.nn.functional.relu_ torch.nn.functional.rrelu torch.nn.functional.rrelu_
torch.nn.functional.selu torch.nn.functional.selu_ torch.nn.functional.sigmoid torch.nn.functional.silu
torch.nn.functional.softplus torch.nn.functional.softshrink torch.nn.functional.softsign torch.nn.functional.tanh
torch.nn.functional.tanhshrink
    """,
    "x, 0.5, False": """
torch.alpha_dropout torch.alpha_dropout_ torch.dropout torch.dropout_ torch.feature_alpha_dropout
torch.feature_alpha_dropout_ torch.feature_dropout torch.feature_dropout_ torch.nn.functional.dropout
torch.nn.functional.dropout2d
    """,
    "x, 0.5": """
torch.clamp torch.clamp_ torch.clamp_min torch.clamp_min_ torch.clip torch.clip_ torch.copysign torch.pow Tensor.clamp
Tensor.clamp_ Tensor.clamp_min Tensor.clamp_min_ Tensor.clip Tensor.clip_ Tensor.copysign Tensor.copysign_ Tensor.pow
Tensor.pow_
    """,
    "x, 2": """
torch.clamp_max torch.clamp_max_ torch.mvlgamma Tensor.clamp_max Tensor.clamp_max_ Tensor.mvlgamma Tensor.mvlgamma_
    """,
    "x, 0.25, 0.75": """
torch.threshold torch.threshold_ torch.nn.functional.threshold torch.nn.functional.threshold_
    """,
}

# the same of two tensors, or of one and a number
OF_TWO = """
torch.add torch.arctan2 torch.atan2 torch.div torch.divide torch.float_power torch.fmod torch.hypot torch.ldexp
torch.ldexp_ torch.logaddexp torch.logaddexp2 torch.mul torch.multiply torch.remainder torch.rsub torch.sub
torch.subtract torch.true_divide torch.xlogy torch.xlogy_ Tensor.add Tensor.add_ Tensor.arctan2 Tensor.arctan2_
Tensor.atan2 Tensor.atan2_ Tensor.div Tensor.div_ Tensor.divide Tensor.divide_ Tensor.float_power Tensor.float_power_
Tensor.fmod Tensor.fmod_ Tensor.hypot Tensor.hypot_ Tensor.ldexp Tensor.ldexp_ Tensor.logaddexp Tensor.logaddexp2
Tensor.mul Tensor.mul_ Tensor.multiply Tensor.multiply_ Tensor.remainder Tensor.remainder_ Tensor.sub Tensor.sub_
Tensor.subtract Tensor.subtract_ Tensor.true_divide Tensor.true_divide_ Tensor.xlogy Tensor.xlogy_
"""

# methods that do the same in place, under this name and _
IN_PLACE = """
addbmm addcdiv addcmul addmm addmv addr arcsinh arctanh asinh atanh baddbmm bitwise_and bitwise_not bitwise_or
bitwise_xor cumprod cumsum eq fix floor_divide ge greater greater_equal gt le less less_equal logical_and logical_not
logical_or logical_xor lt ne not_equal sgn squeeze swapaxes swapdims t transpose tril triu trunc unsqueeze
"""
