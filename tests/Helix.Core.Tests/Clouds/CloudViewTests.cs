using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Clouds;

public class CloudViewTests
{
    private const ModelAbilities All = ModelAbilities.Chat | ModelAbilities.Completion;

    private static readonly BodyFacts s_auto = BodyFacts.Naming("auto");

    [Fact]
    public void A_model_of_a_cloud_goes_by_the_clouds_name_only()
    {
        var fleet = Fleet([Model("m")], Cloud("openai", "gpt-4o", "m"));

        Assert.Equal(("openai", "gpt-4o"), SentTo(fleet, "openai/gpt-4o"));
        Assert.Equal(("openai", "gpt-4o"), SentTo(fleet, "openai/gpt-4o:latest"));
        Assert.Equal(("openai", "m"), SentTo(fleet, "openai/m"));
        Assert.Equal(("builtin", "m"), SentTo(fleet, "m"));
        Assert.Equal(404, Refused(fleet, "gpt-4o").Status);
        Assert.Equal(404, Refused(fleet, "openai/nosuch").Status);
    }

    [Fact]
    public void What_was_served_here_does_not_become_a_clouds_when_it_fails_or_is_gone()
    {
        var cloud = Cloud("openai", "m");

        Assert.IsType<ModelChoice.Wait>(Choose(Fleet([Model("m", new ModelAvailability.Asleep())], cloud), "m"));
        Assert.Equal(503, Refused(Fleet([Model("m", new ModelAvailability.Failed("it is broken", "mend it"))], cloud), "m").Status);
        Assert.Equal(404, Refused(Fleet([], cloud), "m").Status);
    }

    [Fact]
    public void A_cloud_that_lists_the_models_of_another_does_not_take_their_names()
    {
        var (openai, router) = (Cloud("openai", "gpt-4.1"), Cloud("openrouter", "openai/gpt-4.1", "llamacpp/m"));

        Assert.Equal(("openai", "gpt-4.1"), SentTo(Fleet([], openai, router), "openai/gpt-4.1"));
        Assert.Equal(("openrouter", "openai/gpt-4.1"), SentTo(Fleet([], openai, router), "openrouter/openai/gpt-4.1"));
        Assert.Equal(404, Refused(Fleet([], router), "openai/gpt-4.1").Status);
    }

    [Fact]
    public void A_name_at_a_provider_here_stays_at_that_provider()
    {
        var fleet = Fleet([Model("m")], Cloud("openrouter", "builtin/m"));
        fleet = fleet with { Providers = fleet.Providers.Add(new("builtin", "helix", ProviderState.Standby, "at rest", null, null, null, DateTimeOffset.UnixEpoch)) };

        Assert.Equal(("builtin", "m"), SentTo(fleet, "builtin/m"));
        Assert.Equal(404, Refused(fleet, "builtin/nosuch").Status);
    }

    [Fact]
    public void A_tag_means_the_model_here()
    {
        var cloud = Cloud("x", "gpt-oss:20b", "auto:latest", "x/auto");

        Assert.Equal(("builtin", "gpt-oss-20b"), SentTo(Fleet([Model("gpt-oss-20b")], cloud), "gpt-oss:20b"));
        Assert.Equal(("builtin", "x/gpt-oss-20b"), SentTo(Fleet([Model("x/gpt-oss-20b")], cloud), "x/gpt-oss:20b"));
        Assert.Equal(("x", "gpt-oss:20b"), SentTo(Fleet([], cloud), "x/gpt-oss:20b"));
        Assert.Equal(("builtin", "m"), SentTo(Fleet([Model("m")], cloud), "auto:latest"));
        Assert.Equal(404, Refused(Fleet([Model("m")], cloud), "x/auto:latest").Status);
        Assert.Equal(404, Refused(Fleet([Model("m")], cloud), "x/x/auto").Status);
    }

    [Fact]
    public void A_cloud_with_the_name_of_a_provider_here_is_never_what_auto_means_there()
    {
        var fleet = Fleet([Model("m", new ModelAvailability.Failed("it is broken", "mend it"))], Cloud("builtin", "gpt"));
        fleet = fleet with { Providers = fleet.Providers.Add(new("builtin", "helix", ProviderState.Standby, "at rest", null, null, null, DateTimeOffset.UnixEpoch)) };

        Assert.Equal(503, Refused(fleet, "builtin/auto").Status);
    }

    [Fact]
    public void Two_clouds_have_their_models_each_for_itself()
    {
        var fleet = Fleet([], Cloud("a", "m", "b-m"), Cloud("b", "m"), Cloud("a-b", "m"));

        Assert.Equal(("a", "m"), SentTo(fleet, "a/m"));
        Assert.Equal(("b", "m"), SentTo(fleet, "b/m"));
        Assert.Equal(4, fleet.Models.SelectMany(model => model.Backends).Select(backend => backend.Instance).Distinct().Count());
    }

    [Fact]
    public void Auto_never_means_a_cloud()
    {
        var cloud = Cloud("openai", "gpt-4o");

        Assert.IsType<ModelChoice.Refuse>(Routing.Choose(Fleet([], cloud), s_auto, ModelAbilities.Chat, null));
        Assert.IsType<ModelChoice.Refuse>(Routing.Choose(Fleet([], cloud), s_auto, ModelAbilities.Chat, "gpt-4o"));
        Assert.IsType<ModelChoice.Refuse>(Choose(Fleet([], cloud), "openai/auto"));
        Assert.Equal("self", Assert.IsType<ModelChoice.Send>(Routing.Choose(Fleet([Model("self") with { IsSelfTest = true }], cloud), s_auto, ModelAbilities.Chat, null)).Model.Id);
    }

    [Fact]
    public void Offline_none_is_asked_and_each_says_why()
    {
        var cloud = Cloud("openai", "gpt-4o");
        var fleet = Snapshot(CloudView.Join([], [cloud], isOffline: true), cloud);

        Assert.Contains("helix is offline", Refused(fleet, "openai/gpt-4o").Message, StringComparison.Ordinal);
        Assert.Equal(ProviderState.Available, CloudView.StatusOf(cloud, isOffline: true).State);
        Assert.Equal(ProviderState.Attached, CloudView.StatusOf(cloud, isOffline: false).State);
    }

    [Fact]
    public void A_key_that_cannot_be_read_any_more_is_asked_for()
    {
        var fleet = Fleet([], Cloud("work", "gpt-4o") with { Key = null });

        Assert.Contains("helix cloud add openai --name work", Refused(fleet, "work/gpt-4o").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_hundreds_are_not_told_to_who_asks_for_one_that_is_not_there()
    {
        var fleet = Fleet([Model("m")], Cloud("openai", [.. Enumerable.Range(1, 300).Select(n => $"gpt-{n}")]));

        Assert.Contains("There is: auto, m, and 300 of clouds (`helix cloud list`).", Refused(fleet, "nosuch").Message, StringComparison.Ordinal);
        Assert.EndsWith("gpt-50, ....", Refused(fleet, "openai/nosuch").Message, StringComparison.Ordinal);
    }

    private static Cloud Cloud(string id, params string[] models) => new(id, id, new("api.openai.com", 443, "/v1"), new("sk"), CloudModels.Of(models), DateTimeOffset.UnixEpoch);

    private static ServedModel Model(string id, ModelAvailability? state = null)
    {
        ServedModel model = new(id, All, state ?? new ModelAvailability.Ready(), state is null ? [new($"builtin-{id}", "builtin", $"/run/{id}", id)] : [], 512, false, DateTimeOffset.UnixEpoch);
        return model with { Seats = [new("builtin", model.Availability, model.Backends.FirstOrDefault())] };
    }

    private static FleetSnapshot Fleet(ServedModel[] own, params Cloud[] clouds) => Snapshot(CloudView.Join([.. own], clouds, isOffline: false), clouds);

    private static FleetSnapshot Snapshot(System.Collections.Immutable.ImmutableArray<ServedModel> models, params Cloud[] clouds) =>
        new(1, [.. clouds.Select(cloud => CloudView.StatusOf(cloud, isOffline: false))], [], models);

    private static ModelChoice Choose(FleetSnapshot fleet, string model) => Routing.Choose(fleet, BodyFacts.Naming(model), ModelAbilities.Chat, null);

    private static GatewayError Refused(FleetSnapshot fleet, string model) => Assert.IsType<ModelChoice.Refuse>(Choose(fleet, model)).Error;

    private static (string Provider, string Upstream) SentTo(FleetSnapshot fleet, string model)
    {
        var backend = Assert.Single(Assert.IsType<ModelChoice.Send>(Choose(fleet, model)).Model.Backends);
        return (backend.Provider, backend.UpstreamModel);
    }
}
