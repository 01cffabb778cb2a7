using Muster.Primitives;
using Muster.Samples.Charlm.Model;

namespace Charlm.Tests;

public sealed class GradientTests
{
    private const int Cases = 4;
    private const int Window = 5;

    [Fact]
    public void The_loss_is_that_of_the_formulas() => Seeds.ForEach(Cases, random =>
    {
        var given = new Given(random, dropout: 0);

        given.Network.Forward(given.Tokens);
        var loss = given.Network.Loss(given.Targets);

        Assert.Equal(given.Reference(given.Doubles), loss, 1e-4);
    });

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Every_gradient_is_the_slope_of_the_loss(float dropout) => Seeds.ForEach(Cases, random =>
    {
        var given = new Given(random, dropout);
        const float scale = 0.5f;

        given.Network.Forward(given.Tokens);
        var gradient = new float[given.Shape.Parameters];
        given.Network.Backward(given.Targets, scale, gradient);

        for (var i = 0; i < gradient.Length; i++)
            Assert.Equal(scale * Slope(given, i), gradient[i], 2e-5);
    });

    [Fact]
    public void State_carried_over_is_as_one_longer_pass() => Seeds.ForEach(Cases, random =>
    {
        var given = new Given(random, dropout: 0);
        var longer = new GruNetwork(given.Shape, given.Batch, 2 * Window);
        longer.Load(given.Parameters);
        longer.Forward([.. given.Tokens, .. given.Tokens]);

        given.Network.Forward(given.Tokens);
        given.Network.CarryState();
        given.Network.Forward(given.Tokens);

        var last = given.Tokens.Length - 1;
        Assert.Equal(longer.Probabilities(2 * given.Tokens.Length - 1), given.Network.Probabilities(last));
    });

    private static double Slope(Given given, int parameter)
    {
        const double step = 1e-5;
        var (up, down) = ((double[])given.Doubles.Clone(), (double[])given.Doubles.Clone());
        up[parameter] += step;
        down[parameter] -= step;
        return (given.Reference(up) - given.Reference(down)) / (2 * step);
    }

    private sealed class Given
    {
        private readonly float[]? _masks;

        public Given(SeededRandom random, float dropout)
        {
            Shape = new GruShape(random.Next(2, 12), 8 * random.Next(1, 3));
            Batch = random.Next(1, 4);
            Tokens = [.. Enumerable.Range(0, Batch * Window).Select(_ => random.Next(Shape.Alphabet))];
            Targets = [.. Tokens.Select(_ => random.Next(Shape.Alphabet))];
            Parameters = random.Floats(Shape.Parameters);
            Network = new GruNetwork(Shape, Batch, Window);
            Network.Load(Parameters);
            if (dropout == 0)
                return;
            Network.Hide(dropout, seed: 5, step: 9, firstRow: 2);
            _masks = new float[Batch * Shape.Hidden];
            Dropout.Draw(_masks, dropout, 5, 9, 2, Batch, Shape.Hidden);
        }

        public GruShape Shape { get; }

        public int Batch { get; }

        public int[] Tokens { get; }

        public int[] Targets { get; }

        public float[] Parameters { get; }

        public double[] Doubles => [.. Parameters.Select(value => (double)value)];

        public GruNetwork Network { get; }

        public double Reference(double[] parameters) => ReferenceGru.Loss(Shape, parameters, Tokens, Targets, Batch, _masks);
    }
}
