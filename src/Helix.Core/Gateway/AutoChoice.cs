using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>
/// What <c>auto</c> means: a real model, one that comes, and only where none can come the self-test. An engine that somebody else runs here answers
/// only where helix has no real model; one on another machine is never taken unasked, and a cloud never.
/// </summary>
internal static class AutoChoice
{
    private const string Remedy = "Bring one with `helix models pull NAME` or `helix models add PATH`.";

    /// <param name="structured">The request has tools or a JSON schema, of which the self-test knows nothing.</param>
    public static ModelChoice Choose(ImmutableArray<ServedModel> models, ModelAbilities needs, string? preferred, bool structured)
    {
        ModelChoice? best = null;
        var bestRank = int.MinValue;
        var bestAdded = DateTimeOffset.MinValue;
        foreach (var model in models)
        {
            if (model.IsSelfTest || !model.Abilities.Certain().HasFlag(needs) || model.Origin == ModelOrigin.Cloud || (model.Origin == ModelOrigin.Remote && model.Id != preferred)) continue;
            var rank = Rank(model, preferred);
            if (best is not null && (rank, model.Added).CompareTo((bestRank, bestAdded)) <= 0) continue;
            (best, bestRank, bestAdded) = (ModelChoice.Of(model), rank, model.Added);
        }

        if (best is ModelChoice.Send or ModelChoice.Wait) return best;
        return SelfTest(models, needs, structured) is { } test ? test with { Failed = best?.Failed } : best ?? NoModel(models, needs, structured);
    }

    /// <summary>The configured model before all others as long as it can come; then ready, coming, asleep, somebody else's, failed.</summary>
    private static int Rank(ServedModel model, string? preferred) => model.Availability switch
    {
        ModelAvailability.Failed => 0,
        _ when model.Id == preferred => 5,
        _ when model.Origin != ModelOrigin.Own => 1,
        ModelAvailability.Ready when !model.Backends.IsEmpty => 4,
        ModelAvailability.Asleep => 2,
        _ => 3,
    };

    private static ModelChoice? SelfTest(ImmutableArray<ServedModel> models, ModelAbilities needs, bool structured)
    {
        if (structured || needs is not (ModelAbilities.Chat or ModelAbilities.Completion)) return null;
        foreach (var model in models)
            if (model.IsSelfTest && model.Abilities.HasFlag(needs))
                return ModelChoice.Of(model);
        return null;
    }

    private static ModelChoice.Refuse NoModel(ImmutableArray<ServedModel> models, ModelAbilities needs, bool structured)
    {
        if ((needs & ModelAbilities.Special) != ModelAbilities.None) return NobodyFor(models, needs);
        var what = structured ? "tools or a JSON schema" : Routing.Words(needs);
        return new(new GatewayError(409, "no_model", $"There is no model here that can do {what}, and none is on its way. {Remedy}", "model"));
    }

    /// <summary>What is asked for by its path, and by nobody's model but those made for it.</summary>
    private static ModelChoice.Refuse NobodyFor(ImmutableArray<ServedModel> models, ModelAbilities needs)
    {
        var perhaps = models.Where(model => model.Abilities.HasFlag(needs) && model.Origin != ModelOrigin.Cloud).Select(model => model.Id).ToArray();
        var named = perhaps.Length == 0 ? "" : $" Of these nobody knows: name one, and its engine is asked: {string.Join(", ", perhaps.Take(Routing.MostNamed))}{(perhaps.Length > Routing.MostNamed ? ", ..." : "")}.";
        return new(new GatewayError(404, "no_model", $"There is no model here that is known to do {Routing.Words(needs)}, and none is on its way.{named}", "model"));
    }
}
