"""The rules of the domain, stated for a history that already happened.

`verifier.rules.rulebook` puts them together. Each area has its module: what an event may look like
(`shapes`), in which state its matter must be (`states`), in which role it is given (`powers`), which acts need
two people (`pairs`), and what must hold between matters (`training`, `learning`, `assessing`, `certifying`,
`custody`, `privacy`).
"""
