using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>Where a request can go at this moment.</summary>
internal abstract record ModelChoice
{
    private ModelChoice() { }

    /// <summary>That is to answer; null where none is.</summary>
    public ServedModel? Found => this switch
    {
        Send(var model, _) => model,
        Wait(var model, _, _) => model,
        _ => null,
    };

    /// <summary>That would answer if it could be served; null for none.</summary>
    public ServedModel? Failed { get; init; }

    /// <summary>It goes to a cloud, and costs.</summary>
    public bool IsCloud => this is Send { Model.Backends: [{ Cloud: not null }, ..] };

    /// <summary>The model has at least one backend.</summary>
    /// <param name="Provider">The one that was asked for by name; null for whoever serves it.</param>
    internal sealed record Send(ServedModel Model, string? Provider = null) : ModelChoice;

    /// <param name="Progress">One short sentence for the one who waits.</param>
    internal sealed record Wait(ServedModel Model, string Progress, string? Provider = null) : ModelChoice;

    /// <param name="NextTry">When another try is made by itself to get what is missing; null where none is.</param>
    internal sealed record Refuse(GatewayError Error, DateTimeOffset? NextTry = null) : ModelChoice;

    /// <summary>What the state of a model means for a request to it.</summary>
    public static ModelChoice Of(ServedModel model, string? provider = null) => model.Availability switch
    {
        ModelAvailability.Ready when !model.Backends.IsEmpty => new Send(model, provider),
        ModelAvailability.Ready => new Wait(model, $"{model.Id} is not there at this moment", provider),
        ModelAvailability.Asleep => new Wait(model, $"{model.Id} is being woken", provider),
        ModelAvailability.Coming(var progress) => new Wait(model, progress, provider),
        ModelAvailability.Failed { IsBarred: true } barred =>
            new Refuse(new GatewayError(403, "licence_not_permitted", $"The model '{model.Id}' may not be asked: {barred.Words}", "model")) { Failed = model },
        ModelAvailability.Failed failed =>
            new Refuse(new GatewayError(503, "model_failed", $"The model '{model.Id}' cannot be served: {failed.Words}", "model"), failed.NextTry) { Failed = model },
        _ => throw new InvalidOperationException($"a new kind of availability: {model.Availability}"),
    };
}
