package org.whylm.theory;

import org.whylm.objective.AffineMap;

/**
 * The exact instance of L1: {@code Φ = a[I, -I]} and features {@code f ∈ {±r e_i}}, at which the gradient of {@code log Z} is
 * {@code Af} with {@code A} a multiple of the identity.
 *
 * @param phi {@code d×2d}
 * @param f {@code 2d×d}: {@code +r e_i} in row {@code i}, {@code -r e_i} in row {@code d+i}
 * @param gradient {@code θ ↦ Aθ}
 */
public record QuadraticPartition(Embeddings phi, double[][] f, AffineMap gradient) {

    /** The instance of dimension {@code d} with {@code a}, {@code r} positive. */
    public static QuadraticPartition of(int d, double a, double r) {
        var phi = new double[d][2 * d];
        var f = new double[2 * d][d];
        var A = new double[d][d];
        // At θ = r e_i two words have logits ±ar and the other 2d-2 have 0.
        var slope = a * 2 * Math.sinh(a * r) / (2 * Math.cosh(a * r) + 2 * d - 2);
        for (var i = 0; i < d; i++) {
            phi[i][i] = a;
            phi[i][d + i] = -a;
            f[i][i] = r;
            f[d + i][i] = -r;
            A[i][i] = slope / r;
        }
        return new QuadraticPartition(new Embeddings(phi), f, new AffineMap(A, new double[d]));
    }
}
