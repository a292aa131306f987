using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>From a request and the fleet to a model.</summary>
internal static class Routing
{
    /// <param name="preferred">The model that the configuration says <c>auto</c> means; null where it says nothing.</param>
    public static ModelChoice Choose(FleetSnapshot fleet, BodyFacts facts, ModelAbilities needs, string? preferred) =>
        facts.Model is null or "auto"
            ? AutoChoice.Choose(fleet.Models, needs, preferred, facts.NeedsStructure)
            : Named(fleet.Models, facts.Model, needs);

    private static ModelChoice Named(ImmutableArray<ServedModel> models, string id, ModelAbilities needs)
    {
        foreach (var model in models)
        {
            if (model.Id != id) continue;
            return model.Abilities.HasFlag(needs) ? ModelChoice.Of(model) : Refuse(400, "model_lacks_ability", $"The model '{id}' cannot do {Words(needs)}{Others(models, needs)}");
        }

        return new ModelChoice.Refuse(Unknown(models, id));
    }

    /// <summary>Says what there is instead.</summary>
    public static GatewayError Unknown(ImmutableArray<ServedModel> models, string id) => new(
        404,
        "model_not_found",
        $"There is no model '{Shown(id)}'. There is: auto{string.Concat(models.Select(model => $", {model.Id}"))}. `helix models pull` and `helix models add` bring more.",
        "model");

    private static string Others(ImmutableArray<ServedModel> models, ModelAbilities needs)
    {
        var able = models.Where(model => model.Abilities.HasFlag(needs)).Select(model => model.Id).ToArray();
        return able.Length == 0 ? ", and no other model here can." : $". These can: {string.Join(", ", able)}.";
    }

    internal static string Words(ModelAbilities needs) => needs switch
    {
        ModelAbilities.Chat => "chat completions",
        ModelAbilities.Embeddings => "embeddings",
        _ => "completions",
    };

    private static ModelChoice.Refuse Refuse(int status, string code, string message) => new(new GatewayError(status, code, message, "model"));

    private static string Shown(string id) => id.Length <= 80 ? id : id[..80] + "…";
}
