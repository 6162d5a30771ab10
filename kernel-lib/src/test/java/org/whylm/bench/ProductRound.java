package org.whylm.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.whylm.lm.Products;
import org.whylm.run.Engine;

/**
 * Matrix products and nothing else: what the machine allows in the engine that we use. {@code products} are {@code m,k,n} or
 * {@code b,m,k,n}, with blanks between; there are {@code repeat} sets of matrices, as the blocks of a model
 * have their own, and all is done {@code times} over.
 */
final class ProductRound implements Rounds.Round {

    /** The right factor is held transposed, as weights are. */
    private record Product(NDArray left, NDArray right) {
        NDArray compute() {
            if (right.getShape().dimension() == 2) {
                return Products.withTransposed(left, right);
            }
            try (var transposed = right.swapAxes(-2, -1)) {
                return left.matMul(transposed);
            }
        }
    }

    private final NDManager manager = Engine.newManager();
    private final List<Product> products = new ArrayList<>();
    private final int times;

    ProductRound(Arguments arguments) {
        times = arguments.number("times");
        for (int i = 0; i < arguments.number("repeat"); i++) {
            for (var product : arguments.text("products").split(" ")) {
                var sizes = Stream.of(product.split(",")).map(Long::valueOf).toList();
                int at = sizes.size() - 3;
                long m = sizes.get(at), k = sizes.get(at + 1), n = sizes.get(at + 2);
                products.add(new Product(
                        random(at == 0 ? new Shape(m, k) : new Shape(sizes.get(0), m, k)),
                        random(at == 0 ? new Shape(n, k) : new Shape(sizes.get(0), n, k))));
            }
        }
    }

    private NDArray random(Shape shape) {
        return manager.randomUniform(-1, 1, shape);
    }

    @Override
    public double[] get() {
        for (int i = 0; i < times * products.size(); i++) {
            var product = products.get(i % products.size());
            product.compute().close();
        }
        return new double[0];
    }

    @Override
    public void close() {
        manager.close();
    }
}
