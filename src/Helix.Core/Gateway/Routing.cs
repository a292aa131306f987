using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>From a request and the fleet to a model.</summary>
internal static class Routing
{
    /// <param name="preferred">The model that the configuration says <c>auto</c> means; null where it says nothing.</param>
    public static ModelChoice Choose(FleetSnapshot fleet, BodyFacts facts, ModelAbilities needs, string? preferred) =>
        facts.Model is null or Auto
            ? AutoChoice.Choose(fleet.Models, needs, preferred, facts.Needs != ModelAbilities.None)
            : Named(fleet.Models, facts.Model, needs) ?? AtProvider(fleet, facts, needs, preferred) ?? Untagged(fleet, facts, needs, preferred) ?? AtCloud(fleet, facts.Model, needs)
                ?? new ModelChoice.Refuse(Unknown(fleet.Models, facts.Model));

    /// <summary>What is written where helix is to choose.</summary>
    public const string Auto = "auto";

    /// <summary>Clouds have hundreds.</summary>
    internal const int MostNamed = 50;

    /// <summary>What clients of Ollama write behind a name that has no tag.</summary>
    public const string Latest = ":latest";

    /// <summary>Whether the choice is left to helix, of all models or of one provider's.</summary>
    public static bool IsAuto(string? name)
    {
        if (name is null) return true;
        var plain = name.AsSpan();
        if (plain.EndsWith(Latest, StringComparison.Ordinal)) plain = plain[..^Latest.Length];
        return plain.SequenceEqual(Auto) || plain.EndsWith("/" + Auto, StringComparison.Ordinal);
    }

    /// <summary>A name with a tag: <c>qwen3:0.6b</c> is <c>qwen3-0.6b</c>.</summary>
    /// <returns>Null if there is no such model either.</returns>
    private static ModelChoice? Untagged(FleetSnapshot fleet, BodyFacts facts, ModelAbilities needs, string? preferred)
    {
        if (!facts.Model!.Contains(':', StringComparison.Ordinal)) return null;
        var plain = facts with { Model = facts.Model.EndsWith(Latest, StringComparison.Ordinal) ? facts.Model[..^Latest.Length] : facts.Model.Replace(':', '-') };
        return plain.Model == Auto
            ? AutoChoice.Choose(fleet.Models, needs, preferred, facts.Needs != ModelAbilities.None)
            : Named(fleet.Models, plain.Model, needs) ?? AtProvider(fleet, plain, needs, preferred);
    }

    /// <summary>A name like <c>llamacpp/qwen3-8b</c> or <c>gpt4all/auto</c>: the model as this provider serves it.</summary>
    private static ModelChoice? AtProvider(FleetSnapshot fleet, BodyFacts facts, ModelAbilities needs, string? preferred)
    {
        var cut = facts.Model!.IndexOf('/', StringComparison.Ordinal);
        if (cut < 1) return null;
        var (provider, name) = (facts.Model[..cut], facts.Model[(cut + 1)..]);
        if (!fleet.Providers.Any(known => known.Id == provider && !known.IsCloud)) return null;

        ImmutableArray<ServedModel> there = [.. fleet.Models.Select(model => At(model, provider)).OfType<ServedModel>()];
        var choice = name == Auto ? AutoChoice.Choose(there, needs, preferred, facts.Needs != ModelAbilities.None) : Named(there, name, needs);
        return choice switch
        {
            ModelChoice.Send send => send with { Provider = provider },
            ModelChoice.Wait wait => wait with { Provider = provider },
            null => new ModelChoice.Refuse(Elsewhere(there, provider, name)),
            _ => choice,
        };
    }

    /// <summary>A name like <c>openai/gpt-4.1</c>, where nobody else's name is like that. Clients of Ollama may write their tag behind it.</summary>
    private static ModelChoice? AtCloud(FleetSnapshot fleet, string name, ModelAbilities needs)
    {
        var choice = Named(fleet.Models, name, needs, ofClouds: true);
        if (choice is not null || name.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var cut)) return choice;
        if (name.EndsWith(Latest, StringComparison.Ordinal)) choice = Named(fleet.Models, name[..^Latest.Length], needs, ofClouds: true);
        var provider = name[..cut];
        if (choice is not null || !fleet.Providers.Any(known => known.Id == provider && known.IsCloud)) return choice;
        return new ModelChoice.Refuse(Elsewhere([.. fleet.Models.Where(model => model.Origin == ModelOrigin.Cloud && model.Seats.Any(seat => seat.Provider == provider))], provider, name[(cut + 1)..]));
    }

    /// <remarks>Whoever names a provider means it, wherever it runs.</remarks>
    private static ServedModel? At(ServedModel model, string provider) => model.Origin != ModelOrigin.Cloud && model.Seats.FirstOrDefault(seat => seat.Provider == provider) is { } seat
        ? model with { Availability = seat.Availability, Backends = seat.Backend is { } backend ? [backend] : [], Origin = ModelOrigin.Own }
        // nobody knows yet who can load it
        : model is { Seats: [], Availability: ModelAvailability.Coming } ? model : null;

    private static GatewayError Elsewhere(ImmutableArray<ServedModel> there, string provider, string name) => new(
        404, "model_not_found", $"{provider} has no model '{Shown(name)}' that it can load. It has: {(there.IsEmpty ? "none" : string.Join(", ", there.Take(MostNamed).Select(model => model.Id)))}{(there.Length > MostNamed ? ", ..." : "")}.", "model");

    /// <returns>Null if there is no such model.</returns>
    private static ModelChoice? Named(ImmutableArray<ServedModel> models, string id, ModelAbilities needs, bool ofClouds = false)
    {
        foreach (var model in models)
        {
            if (model.Id != id || (model.Origin == ModelOrigin.Cloud) != ofClouds) continue;
            var isUnknown = model is { Abilities: ModelAbilities.None, Availability: ModelAvailability.Coming };
            return model.Abilities.HasFlag(needs) || isUnknown ? ModelChoice.Of(model) : Refuse(400, "model_lacks_ability", $"The model '{id}' cannot do {Words(needs)}{Others(models, needs)}");
        }

        return null;
    }

    /// <summary>Says what there is instead.</summary>
    public static GatewayError Unknown(ImmutableArray<ServedModel> models, string id) => new(
        404,
        "model_not_found",
        $"There is no model '{Shown(id)}'. There is: auto{string.Concat(models.Where(model => model.Origin != ModelOrigin.Cloud).Select(model => $", {model.Id}"))}{(models.Count(model => model.Origin == ModelOrigin.Cloud) is > 0 and var more ? $", and {more} of clouds (`helix cloud list`)" : "")}. `helix models pull` and `helix models add` bring more.{(id.Contains('/', StringComparison.Ordinal) ? " If its name begins with a provider's: that one is not installed (yet); `helix local-llm list` says where each stands." : "")}",
        "model");

    private static string Others(ImmutableArray<ServedModel> models, ModelAbilities needs)
    {
        var able = models.Where(model => model.Abilities.Certain().HasFlag(needs) && model.Origin != ModelOrigin.Cloud).Select(model => model.Id).ToArray();
        return able.Length == 0 ? ", and no other model here can." : $". These can: {string.Join(", ", able)}.";
    }

    internal static string Words(ModelAbilities needs) => needs switch
    {
        ModelAbilities.Chat => "chat completions",
        ModelAbilities.Embeddings => "embeddings",
        ModelAbilities.Rerank => "reranking",
        ModelAbilities.Moderation => "moderation",
        ModelAbilities.Images => "image generation",
        ModelAbilities.ImageEdits => "image edits",
        ModelAbilities.ImageVariations => "image variations",
        ModelAbilities.Speech => "speech",
        ModelAbilities.Transcription => "transcription",
        ModelAbilities.Translation => "audio translation",
        _ => "completions",
    };

    private static ModelChoice.Refuse Refuse(int status, string code, string message) => new(new GatewayError(status, code, message, "model"));

    private static string Shown(string id) => id.Length <= 80 ? id : id[..80] + "…";
}
