using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class MeaningModelTests
{
    private static readonly ServedModel s_chat = Fleets.Model("chat", Fleets.Ready, abilities: Fleets.Text | ModelAbilities.Embeddings);
    private static readonly ServedModel s_vectors = Fleets.Model("vectors", Fleets.Ready, abilities: ModelAbilities.Embeddings | ModelAbilities.Tools);

    [Fact]
    public void Without_a_name_it_is_one_that_is_ready_here_and_made_for_nothing_else()
    {
        Assert.Equal("vectors", Named(null, s_chat, s_vectors with { Id = "zebra" }, s_vectors));
        Assert.Equal("zebra", Named(null, s_vectors with { Origin = ModelOrigin.Attached }, s_vectors with { Id = "zebra" }));
        Assert.Equal("vectors", Named(null, s_vectors with { Origin = ModelOrigin.Attached }));
    }

    [Fact]
    public void Nothing_is_woken_and_no_other_machine_asked_unless_it_is_named()
    {
        var asleep = Fleets.Model("vectors", Fleets.Asleep, abilities: ModelAbilities.Embeddings);
        var remote = s_vectors with { Origin = ModelOrigin.Remote };

        Assert.Null(Named(null, s_chat, asleep));
        Assert.Null(Named(null, remote));
        Assert.IsType<ModelChoice.Wait>(MeaningModel.Choose(Fleets.Of(s_chat, asleep), "vectors"));
        Assert.Equal("vectors", Named("vectors", remote));
        Assert.Equal("chat", Named("chat", s_chat, s_vectors));
    }

    [Fact]
    public void A_cloud_is_never_asked() => Assert.Null(Named("openai/vectors", s_vectors with { Id = "openai/vectors", Origin = ModelOrigin.Cloud }));

    [Theory]
    [InlineData("unknown")]
    [InlineData("text")]
    [InlineData("broken")]
    public void What_makes_no_vectors_here_is_none(string name) =>
        Assert.Null(Named(name, Fleets.Model("text", Fleets.Ready), Fleets.Model("broken", Fleets.Broken, abilities: ModelAbilities.Embeddings)));

    private static string? Named(string? name, params ServedModel[] models) => MeaningModel.Choose(Fleets.Of(models), name)?.Found?.Id;
}
