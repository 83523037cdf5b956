"""Words whose full stop does not end a sentence, and words that begin one. All in lower case, without the stop."""

TITLES = frozenset(
    "mr mrs ms mx dr prof rev hon gen col maj capt cmdr cpl lt sgt pvt adm gov sen rep pres msgr messrs mme mlle fr sra"
    " dra ing dipl mag m".split()
)
"""A name follows; they are written with a capital."""

NEVER_LAST = frozenset(
    "e.g eg i.e ie viz cf vs ca approx esp incl excl resp fig figs eq eqs eqn eqns ref refs tab thm lem cor def ch chap"
    " sect vols pp ed eds trans transl dept univ assn assoc calif govt natl intl"
    # German, French, Spanish
    " z.b d.h u.a o.ä s.o s.u bzw ggf evtl vgl abs nr bspw sog zzgl p.ex c.-à-d par ej pág".split()
)
"""What they refer to or explain follows."""

BEFORE_NUMBERS = frozenset("no nos p pg vol sec art para app ex line kap bd s v".split())
MONTHS_AND_DAYS = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur fri sat sun".split()
)
"""Abbreviated only with a capital: elsewhere they are words."""

OFTEN_LAST = frozenset("etc jr sr usw a.m p.m".split())
MAY_BE_LAST = frozenset(
    "inc ltd co corp al bros llc plc gmbh ag s.a ph.d m.d b.sc m.sc st mt ft ave blvd rd vol min max dist est".split()
)

STARTERS = frozenset(
    "a an the this that these those it its he she they we you i there here his her their our your my one two three some"
    " many most all both each every no not another other such several few more"
    " in on at by for from with without as if when while although though because since after before during until unless"
    " where what who which why how whether but and or so yet then thus hence therefore however moreover furthermore"
    " also instead finally first second third next now today once only even still let please see note consider suppose"
    " according despite among between under over through about to".split()
)
"""With a capital they begin a sentence rather than a name."""

MONTHS = frozenset("januar jänner februar märz april mai juni juli august september oktober november dezember".split())
"""After "3." they make a date in German."""
