using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>Whose vectors tell what texts mean.</summary>
internal static class MeaningModel
{
    private const ModelAbilities Kinds = ModelAbilities.Chat | ModelAbilities.Completion | ModelAbilities.Embeddings;

    /// <param name="named">By the configuration: then it is woken where it sleeps. Null: one that is ready on this machine and made for nothing else; vectors of models that chat say too little.</param>
    /// <returns>Null where there is none. Never a cloud's: it would cost, and the text would leave the house.</returns>
    public static ModelChoice? Choose(FleetSnapshot fleet, string? named)
    {
        if (named is null)
            return fleet.Models.Where(IsAtHand).OrderBy(model => model.Origin).ThenBy(model => model.Id, StringComparer.Ordinal).Select(model => ModelChoice.Of(model)).FirstOrDefault();
        var choice = Routing.Choose(fleet, BodyFacts.Naming(named), ModelAbilities.Embeddings, preferred: null);
        return choice.Found is { Origin: not ModelOrigin.Cloud } ? choice : null;
    }

    private static bool IsAtHand(ServedModel model) =>
        model is { IsSelfTest: false, Availability: ModelAvailability.Ready, Origin: ModelOrigin.Own or ModelOrigin.Attached, Backends.IsEmpty: false } && (model.Abilities & Kinds) == ModelAbilities.Embeddings;
}
