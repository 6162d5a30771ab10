package org.whylm.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;

class PrincipalEmbeddingsTest {

    private static float[][] random(int rows, int columns) {
        var random = new Random(3);
        var values = new float[rows][columns];
        for (var row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) (random.nextGaussian() * (1 + i));
            }
        }
        return values;
    }

    private static SimpleMatrix gram(float[][] phi) {
        var matrix = new SimpleMatrix(phi.length, phi[0].length);
        for (int row = 0; row < phi.length; row++) {
            for (int column = 0; column < phi[0].length; column++) {
                matrix.set(row, column, phi[row][column]);
            }
        }
        return matrix.mult(matrix.transpose());
    }

    @Test
    void allDimensionsKeepInnerProducts() {
        var phi = random(30, 6);
        var difference = gram(phi).minus(gram(PrincipalEmbeddings.of(phi, 6)));
        assertEquals(0, difference.elementMaxAbs(), 1e-3);
    }

    /** Eckart and Young: the inner products of the best rank-d approximation leave out the smallest eigenvalues. */
    @Test
    void fewerDimensionsLeaveOutTheSmallestSingularValues() {
        var phi = random(30, 6);
        var eigenvalues = gram(phi).eig().getEigenvalues().stream()
                .mapToDouble(value -> value.getReal())
                .sorted()
                .toArray();
        double left = 0;
        for (int i = 0; i < eigenvalues.length - 4; i++) {
            left += eigenvalues[i] * eigenvalues[i];
        }
        var difference = gram(phi).minus(gram(PrincipalEmbeddings.of(phi, 4)));
        assertEquals(Math.sqrt(left), difference.normF(), 1e-3 * Math.sqrt(left));
    }

    @Test
    void moreDimensionsThanThereAreIsAnError() {
        assertThrows(IllegalArgumentException.class, () -> PrincipalEmbeddings.of(random(5, 3), 4));
    }
}
