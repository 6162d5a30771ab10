/**
 * The paper's statements on languages small enough to compute with exactly.
 *
 * <p>A {@link org.whylm.theory.FiniteLanguage} has contexts with weights {@code p_L} and true next-word distributions
 * {@code p*}; a {@link org.whylm.theory.Task} labels contexts; {@link org.whylm.theory.Embeddings} are {@code Φ}.
 * {@link org.whylm.theory.Statements} has each statement (P1, P2, D1, D2, T1, T2, L1, T3, T4) as a function that returns
 * both of its sides. Logarithms are natural, {@code ε} is in nats, all arithmetic is in double precision.
 *
 * <p>Reference: N. Saunshi, S. Malladi, S. Arora, "A Mathematical Exploration of Why Language Models Help Solve
 * Downstream Tasks", ICLR 2021.
 */
package org.whylm.theory;
