using CsCheck;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class RoutingTests
{
    private static readonly Gen<ServedModel> s_model = Gen.Select(
        Gen.Int[0, 6], Gen.OneOf(Fleets.Ready, Fleets.Asleep, Fleets.Coming, Fleets.Broken), Gen.Int[0, 9], Gen.Int[1, 7], Gen.Frequency((5, Gen.Const(false)), (1, Gen.Const(true))),
        (id, state, added, abilities, selfTest) => Fleets.Model($"m{id}", state, added, (ModelAbilities)abilities, selfTest));

    [Fact]
    public void A_ready_model_that_was_added_last_is_what_auto_means() =>
        Assert.Equal("new", Sent(Auto([Fleets.Model("old", Fleets.Ready, 1), Fleets.Model("new", Fleets.Ready, 2), Fleets.Model("newest", Fleets.Coming, 3)])));

    [Fact]
    public void The_configured_model_goes_first_and_is_waited_for() =>
        Assert.Equal("mine", Waited(Auto([Fleets.Model("ready", Fleets.Ready), Fleets.Model("mine", Fleets.Asleep)], preferred: "mine")));

    [Fact]
    public void A_configured_model_that_failed_leaves_auto_to_the_others() =>
        Assert.Equal("ready", Sent(Auto([Fleets.Model("ready", Fleets.Ready), Fleets.Model("mine", Fleets.Broken)], preferred: "mine")));

    [Fact]
    public void A_model_on_its_way_is_waited_for_rather_than_the_self_test_taken() =>
        Assert.Equal("real", Waited(Auto([Fleets.SelfTest, Fleets.Model("real", Fleets.Coming)])));

    [Fact]
    public void Only_where_none_can_come_the_self_test_answers() =>
        Assert.Equal("helix-selftest", Sent(Auto([Fleets.SelfTest, Fleets.Model("real", Fleets.Broken), Fleets.Model("embed", Fleets.Ready, 0, ModelAbilities.Embeddings)])));

    [Fact]
    public void The_self_test_never_answers_tools_or_schemas() =>
        Assert.Equal("no_model", Refused(Auto([Fleets.SelfTest], structured: true)).Code);

    [Fact]
    public void The_self_test_never_answers_embeddings_whatever_it_can_do()
    {
        var error = Refused(Auto([Fleets.Model("helix-selftest", Fleets.Ready, 0, (ModelAbilities)7, selfTest: true)], ModelAbilities.Embeddings));

        Assert.Equal((409, "no_model"), (error.Status, error.Code));
        Assert.Contains("helix models pull", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_failed_and_the_self_test_cannot_help_the_reason_is_told()
    {
        var error = Refused(Auto([Fleets.SelfTest, Fleets.Model("real", Fleets.Broken)], structured: true));

        Assert.Equal((503, "model_failed"), (error.Status, error.Code));
        Assert.Contains("cut short", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qwen3:0.6b", "qwen3-0.6b")]
    [InlineData("qwen3-0.6b:latest", "qwen3-0.6b")]
    [InlineData("with:colon", "with:colon")]
    public void A_tag_of_Ollamas_is_part_of_the_name(string asked, string meant) =>
        Assert.Equal(meant, Sent(Choose([Fleets.Model("qwen3-0.6b", Fleets.Ready), Fleets.Model("with:colon", Fleets.Ready), Fleets.Model("with-colon", Fleets.Ready)], asked)));

    [Fact]
    public void An_unknown_model_is_a_404_that_lists_what_there_is()
    {
        var error = Refused(Choose([Fleets.SelfTest, Fleets.Model("real", Fleets.Ready)], "gpt-4"));

        Assert.Equal((404, "model_not_found", "model"), (error.Status, error.Code, error.Param));
        Assert.Contains("helix-selftest, real", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_a_provider_that_is_not_there_is_told_where_to_look() =>
        Assert.Contains("that one is not installed (yet); `helix local-llm list`", Refused(Choose([Fleets.SelfTest], "llamacpp/real")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_that_is_on_its_way_is_waited_for_at_every_provider()
    {
        var fleet = Fleets.Of(Fleets.Model("real", Fleets.Coming)) with { Providers = [new("llamacpp", "llama.cpp", ProviderState.Standby, "at rest", null, null, null, default)] };

        Assert.Equal(new ModelChoice.Wait(fleet.Models[0], "37 % fetched", "llamacpp"), Routing.Choose(fleet, new BodyFacts("llamacpp/real", 0, 0, true, false, ModelAbilities.None), ModelAbilities.Chat, null));
    }

    [Fact]
    public void One_of_which_nothing_is_known_yet_is_waited_for_by_whoever_names_it_and_by_nobody_else()
    {
        ServedModel[] models = [Fleets.Model("back", Fleets.Coming, abilities: ModelAbilities.None), Fleets.Model("real", Fleets.Asleep)];

        Assert.Equal("back", Waited(Choose(models, "back", ModelAbilities.Embeddings)));
        Assert.Equal("real", Waited(Choose(models, "auto")));
    }

    [Fact]
    public void A_named_model_that_lacks_the_ability_is_refused_by_name()
    {
        var error = Refused(Choose([Fleets.Model("stories", Fleets.Ready, 0, ModelAbilities.Completion)], "stories"));

        Assert.Equal((400, "model_lacks_ability"), (error.Status, error.Code));
        Assert.Contains("'stories'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_few_models_do_is_asked_of_those_that_are_known_for_it_and_of_others_by_name_only()
    {
        var guess = Fleets.Model("guess", Fleets.Ready, 9, ModelAbilities.Everything) with { Origin = ModelOrigin.Attached };
        var whisper = Fleets.Model("whisper-1", Fleets.Ready, 1, ModelAbilities.Transcription | ModelAbilities.Translation) with { Origin = ModelOrigin.Attached };

        var nobody = Refused(Choose([guess, Fleets.SelfTest], "auto", ModelAbilities.Images));

        Assert.Equal((404, "no_model", "model"), (nobody.Status, nobody.Code, nobody.Param));
        Assert.Contains("name one, and its engine is asked: guess", nobody.Message, StringComparison.Ordinal);
        Assert.Equal("guess", Sent(Choose([guess, whisper], "guess", ModelAbilities.Images)));
        Assert.Equal("whisper-1", Sent(Choose([guess, whisper], "auto", ModelAbilities.Transcription)));
        Assert.Equal("guess", Sent(Choose([guess, whisper], "auto")));
        var chat = Refused(Choose([guess, whisper], "whisper-1"));
        Assert.Equal((400, "model_lacks_ability"), (chat.Status, chat.Code));
        Assert.Contains("cannot do speech, and no other model here can", Refused(Choose([guess, whisper], "whisper-1", ModelAbilities.Speech)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_listed_is_what_is_known()
    {
        Assert.Equal(["chat", "completion", "embeddings"], ModelStates.Abilities(ModelAbilities.Everything));
        Assert.Equal(["transcription", "translation"], ModelStates.Abilities(ModelAbilities.Transcription | ModelAbilities.Translation));
        Assert.Equal(["rerank"], ModelStates.Abilities(ModelAbilities.Rerank));
    }

    [Fact]
    public void A_ready_model_whose_backends_are_gone_is_waited_for() =>
        Assert.Equal("real", Waited(Choose([Fleets.Model("real", Fleets.Ready) with { Backends = [] }], "real")));

    [Fact]
    public void A_tag_behind_a_name_is_taken_off_once_and_only_where_the_whole_name_is_unknown()
    {
        ServedModel[] models = [Fleets.Model("a", Fleets.Ready), Fleets.Model("b:latest", Fleets.Ready)];

        Assert.Equal("a", Sent(Choose(models, "a:latest")));
        Assert.Equal("b:latest", Sent(Choose(models, "b:latest")));
        Assert.IsType<ModelChoice.Send>(Choose(models, "auto:latest"));
        Assert.Equal(404, Refused(Choose(models, "a:latest:latest")).Status);
        Assert.Equal(404, Refused(Choose(models, "x" + string.Concat(Enumerable.Repeat(":latest", 50_000)))).Status);
    }

    [Fact]
    public void Auto_never_breaks_its_promises() => Gen.Select(s_model.Array[0, 7], Gen.OneOf(1, 2, 4), Gen.Bool, Gen.Int[0, 9]).Sample((models, needs, structured, preferred) =>
    {
        var need = (ModelAbilities)needs;
        var able = models.Where(model => model.Abilities.HasFlag(need)).ToList();
        var comes = able.Any(model => !model.IsSelfTest && model.Availability is not ModelAvailability.Failed);
        return Choose(models, null, need, structured, $"m{preferred}") switch
        {
            ModelChoice.Send(var model, _) => able.Contains(model) && !model.Backends.IsEmpty && Allowed(model),
            ModelChoice.Wait(var model, _, _) => able.Contains(model) && model.Availability is not ModelAvailability.Failed && Allowed(model),
            ModelChoice.Refuse => !comes,
            _ => false,
        };

        bool Allowed(ServedModel model) => !model.IsSelfTest || (!comes && !structured && need != ModelAbilities.Embeddings);
    });

    private static ModelChoice Auto(ServedModel[] models, ModelAbilities needs = ModelAbilities.Chat, bool structured = false, string? preferred = null) =>
        Choose(models, "auto", needs, structured, preferred);

    private static ModelChoice Choose(ServedModel[] models, string? named, ModelAbilities needs = ModelAbilities.Chat, bool structured = false, string? preferred = null) =>
        Routing.Choose(Fleets.Of(models), new BodyFacts(named, 0, 0, true, false, structured ? ModelAbilities.Tools : ModelAbilities.None), needs, preferred);

    private static string Sent(ModelChoice choice) => Assert.IsType<ModelChoice.Send>(choice).Model.Id;

    private static string Waited(ModelChoice choice) => Assert.IsType<ModelChoice.Wait>(choice).Model.Id;

    private static GatewayError Refused(ModelChoice choice) => Assert.IsType<ModelChoice.Refuse>(choice).Error;
}
