using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>Where a request can go at this moment.</summary>
internal abstract record ModelChoice
{
    private ModelChoice() { }

    /// <summary>The model has at least one backend.</summary>
    internal sealed record Send(ServedModel Model) : ModelChoice;

    /// <param name="Progress">One short sentence for the one who waits.</param>
    internal sealed record Wait(ServedModel Model, string Progress) : ModelChoice;

    internal sealed record Refuse(GatewayError Error) : ModelChoice;

    /// <summary>What the state of a model means for a request to it.</summary>
    public static ModelChoice Of(ServedModel model) => model.Availability switch
    {
        ModelAvailability.Ready when !model.Backends.IsEmpty => new Send(model),
        ModelAvailability.Ready => new Wait(model, $"{model.Id} is being started again"),
        ModelAvailability.Asleep => new Wait(model, $"{model.Id} is being woken"),
        ModelAvailability.Coming(var progress) => new Wait(model, progress),
        ModelAvailability.Failed failed =>
            new Refuse(new GatewayError(503, "model_failed", $"The model '{model.Id}' cannot be served: {failed.Words}", "model")),
        _ => throw new InvalidOperationException($"a new kind of availability: {model.Availability}"),
    };
}
