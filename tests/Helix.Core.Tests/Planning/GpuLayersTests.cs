using CsCheck;
using Helix.Core.Planning;

namespace Helix.Core.Tests.Planning;

public sealed class GpuLayersTests
{
    private const long Gib = 1L << 30;

    private static readonly Gen<(long Free, long Weights, long Context, int Layers)> s_models =
        Gen.Select(Gen.Long[0, 200 * Gib], Gen.Long[1, 100 * Gib], Gen.Long[0, 20 * Gib], Gen.Int[1, 128]);

    [Theory]
    [InlineData(24, 4, 1, 32, 33)]
    [InlineData(8, 8, 1, 32, 24)]
    [InlineData(2, 40, 4, 80, 2)]
    [InlineData(0, 4, 1, 32, 0)]
    public void As_many_layers_as_fit_are_taken(long freeGib, long weightsGib, long contextGib, int layers, int expected) =>
        Assert.Equal(expected, GpuLayers.Fitting(freeGib * Gib, weightsGib * Gib, contextGib * Gib, layers));

    [Fact]
    public void What_is_taken_leaves_a_tenth_of_the_device_free() => s_models.Sample(model =>
    {
        var layers = GpuLayers.Fitting(model.Free, model.Weights, model.Context, model.Layers);
        var whole = (Int128)(model.Weights + model.Context);
        var taken = layers > model.Layers ? whole : whole * layers / model.Layers;
        return layers >= 0 && layers <= model.Layers + 1 && (layers == 0 || taken <= model.Free / 10 * 9);
    });

    [Fact]
    public void All_or_not_all_is_decided_by_the_whole() => s_models.Sample(model =>
        GpuLayers.Fitting(model.Free, model.Weights, model.Context, model.Layers) > model.Layers
        == (model.Weights + model.Context <= (model.Free / 10 * 9) - (256L << 20)));

    [Fact]
    public void More_memory_never_means_fewer_layers() => Gen.Select(s_models, Gen.Long[0, 50 * Gib]).Sample((model, more) =>
        GpuLayers.Fitting(model.Free + more, model.Weights, model.Context, model.Layers) >= GpuLayers.Fitting(model.Free, model.Weights, model.Context, model.Layers));

    [Fact]
    public void Trying_fewer_comes_to_none() => Gen.Int[1, 1024].Sample(layers =>
    {
        var tries = 0;
        for (var left = layers; left > 0; left = GpuLayers.Fewer(left)) tries++;
        return tries <= 11;
    });
}
