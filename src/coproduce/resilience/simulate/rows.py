"""Names of the rows, laws, policies and measures that plan and kernel share."""

from __future__ import annotations

BIG = 1e12
"""A rate or a time that never binds."""
NEVER, EXPONENTIAL, WEIBULL, FIXED, CURVE, DISCRETE, GEOMETRIC, LISTED = range(8)
BASE_STOCK, MIN_MAX, BY_LOTS, BY_REVIEW = range(4)
SUM_DEMAND, SUM_UNMET, SUM_LOST, SUM_BACKLOG, SUM_FULL, SUM_STOCK, SUM_ORDERS, SUM_EVENTS = range(
    8
)
MEASURES = 8
CURVE_STEP = 0.01
"""Grid of the tabulated quantiles, in units of a standard exponential variate."""

# rows of `net.real`
(
    CAPACITY,
    TOP,
    RATE,
    INITIAL,
    SCALE,
    LEVEL,
    LOW,
    LOT,
    DEMAND_A,
    DEMAND_B,
    QUANTITY,
    PER_UNIT,
    SHARE,
    REFUSAL,
    LEAD,
    LEAD_A,
    LEAD_B,
    UP_A,
    UP_B,
    DOWN_A,
    DOWN_B,
    LEARNING,
    FLOOR,
    OPENS,
    HIT_CHANCE,
) = range(25)
# rows of `net.whole`
(
    POLICY,
    REVIEW,
    IS_LOTS,
    HOLDS,
    SHIPS_WHOLE,
    WAITS,
    MAKE_DAYS,
    DEMAND_KIND,
    SEASON_FIRST,
    SEASON_SIZE,
    SEASON_DAYS,
    GROUP_FIRST,
    BY_SHARE,
    LANE_FIRST,
    SOURCE,
    LEAD_KIND,
    OUT_FIRST,
    OUT_LANE,
    UP_KIND,
    DOWN_KIND,
    HIT_FIRST,
    HIT_SWITCH,
) = range(22)
# rows of `st.real`
(
    X,
    POSITION,
    DUE,
    COMING,
    BACKLOG,
    PENDING,
    POT,
    ABLE,
    WANT,
    MADE,
    PART,
    CHANGE,
    ASKED,
    PARTS,
    PULL,
    ORDER,
    OWED,
    HELD,
    WAITING,
    WEIGHT,
    FLIPS,
) = range(21)
# rows of `st.whole`
(
    COUNT,
    DOWN,
    HIT,
    OFF,
) = range(4)
# rows of `st.keys`
(
    DEMAND_KEY,
    LANE_KEY,
    PROCESS_KEY,
) = range(3)
NET_REALS = (
    "CAPACITY",
    "TOP",
    "RATE",
    "INITIAL",
    "SCALE",
    "LEVEL",
    "LOW",
    "LOT",
    "DEMAND_A",
    "DEMAND_B",
    "QUANTITY",
    "PER_UNIT",
    "SHARE",
    "REFUSAL",
    "LEAD",
    "LEAD_A",
    "LEAD_B",
    "UP_A",
    "UP_B",
    "DOWN_A",
    "DOWN_B",
    "LEARNING",
    "FLOOR",
    "OPENS",
    "HIT_CHANCE",
)
NET_WHOLES = (
    "POLICY",
    "REVIEW",
    "IS_LOTS",
    "HOLDS",
    "SHIPS_WHOLE",
    "WAITS",
    "MAKE_DAYS",
    "DEMAND_KIND",
    "SEASON_FIRST",
    "SEASON_SIZE",
    "SEASON_DAYS",
    "GROUP_FIRST",
    "BY_SHARE",
    "LANE_FIRST",
    "SOURCE",
    "LEAD_KIND",
    "OUT_FIRST",
    "OUT_LANE",
    "UP_KIND",
    "DOWN_KIND",
    "HIT_FIRST",
    "HIT_SWITCH",
)
STATE_REALS, STATE_WHOLES, STATE_KEYS = 21, 4, 3
