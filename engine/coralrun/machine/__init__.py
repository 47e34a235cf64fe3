"""The engine: a pure state machine that knows no network, no disk, no clock and no service by name.

Three functions are the engine. `decide(state, now)` says which effects should be under way and what is waited for;
`interpret(state, effect, outcome, now)` turns what the world answered into facts and notes; `apply(state, fact)`
changes the durable half of the state. Whoever drives it performs the effects, one completion at a time.
"""
