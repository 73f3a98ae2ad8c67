"""Register every metric: one import line per module that declares some. `fairgate.metrics.registry` answers for all of them."""

from fairgate.metrics import bias as bias
from fairgate.metrics import classes as classes
from fairgate.metrics import counterfactual as counterfactual
from fairgate.metrics import rates as rates
from fairgate.metrics import scores as scores
from fairgate.metrics import splits as splits
