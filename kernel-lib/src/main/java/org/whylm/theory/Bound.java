package org.whylm.theory;

import java.util.Locale;

/**
 * Both sides of {@code loss ≤ τ + sqrt(2 B² ε / γ) + residual}, the inequality of T1, T2, T3 and T4.
 *
 * @param loss the loss on the task of the model's features
 * @param tau {@code τ}: the loss of the same word weights {@code v} on {@code p*}
 * @param B the norm of {@code v}: {@code ‖v‖_∞} in T1, T2 and T3, {@code ‖v‖₂} in T4
 * @param epsilon {@code ε}: the model's excess, in nats (T4: in units of Quad)
 * @param gamma {@code γ(p_T)} or {@code γ_Φ}; at 0 the bound is infinite, even for {@code ε = 0}
 * @param residual T3's last term, the distance from an affine log-partition gradient; 0 in the other statements
 */
public record Bound(double loss, double tau, double B, double epsilon, double gamma, double residual) {

    /** A bound without T3's last term. */
    public Bound(double loss, double tau, double B, double epsilon, double gamma) {
        this(loss, tau, B, epsilon, gamma, 0);
    }

    /** {@code sqrt(2 B² ε / γ)}: what the statement allows the model to lose by its excess. */
    public double transfer() {
        return gamma == 0 ? Double.POSITIVE_INFINITY : Math.sqrt(2 * B * B * epsilon / gamma);
    }

    /** The right side. */
    public double bound() {
        return tau + transfer() + residual;
    }

    /** {@code bound - loss}: not negative where the statement holds. */
    public double slack() {
        return bound() - loss;
    }

    /** {@code (loss - τ) / (bound - τ)}: 1 where the bound is tight, above 1 where it is violated. */
    public double ratio() {
        return (loss - tau) / (transfer() + residual);
    }

    /** Whether the inequality holds up to {@code tolerance}, which is for rounding. */
    public boolean holds(double tolerance) {
        return slack() >= -tolerance;
    }

    /** The inequality with its numbers, four digits each. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "loss %.4g %s bound %.4g   (τ = %.4g, B = %.4g, ε = %.4g, γ = %.4g%s; slack %.4g)",
                loss,
                slack() >= 0 ? "≤" : ">",
                bound(),
                tau,
                B,
                epsilon,
                gamma,
                residual == 0 ? "" : String.format(Locale.ROOT, ", residual = %.4g", residual),
                slack());
    }
}
