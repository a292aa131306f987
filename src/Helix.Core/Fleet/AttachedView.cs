using System.Collections.Immutable;

namespace Helix.Core.Fleet;

/// <summary>Puts the engines of somebody else into the snapshot that everybody sees.</summary>
internal static class AttachedView
{
    public static ProviderStatus StatusOf(AttachedEngine engine) => new(
        engine.Id, engine.Name, engine.Health == AttachedHealth.Answers ? ProviderState.Attached : ProviderState.Available, ReasonOf(engine), null,
        engine.Health == AttachedHealth.Answers ? engine.Models.FirstOrDefault()?.Id : null, engine.Release, engine.Since)
    {
        IsAttached = true,
        Product = engine.Product,
    };

    /// <summary>
    /// Beside what helix serves itself: a model that only others have goes by its own name; one that helix has too is reached at the other engine
    /// by <c>ID/MODEL</c> only. Of several engines that have it, all that answer serve it, but one on another machine only where none here does.
    /// </summary>
    public static ImmutableArray<ServedModel> Join(IEnumerable<ServedModel> own, IReadOnlyList<AttachedEngine> attached)
    {
        var models = own.ToList();
        var places = models.Select((model, at) => (model.Id, at)).ToDictionary(StringComparer.Ordinal);
        foreach (var engine in attached)
        {
            foreach (var model in engine.Models)
            {
                var seat = SeatOf(engine, model);
                if (!places.TryGetValue(model.Id, out var at))
                {
                    places[model.Id] = models.Count;
                    models.Add(new(model.Id, model.Abilities, seat.Availability, seat.Backend is { } one ? [one] : [], model.ContextTokens, false, engine.Since) { Seats = [seat], Origin = OriginOf(engine) });
                    continue;
                }

                var known = models[at];
                models[at] = known with { Seats = [.. known.Seats, seat] };
                if (known.Origin == ModelOrigin.Own || seat.Backend is not { } next) continue;
                var isCloser = OriginOf(engine) < known.Origin;
                if (known.Backends.IsEmpty || isCloser)
                    models[at] = models[at] with { Availability = seat.Availability, Backends = [next], Abilities = model.Abilities, ContextTokens = model.ContextTokens, Origin = OriginOf(engine) };
                else if (OriginOf(engine) == known.Origin)
                    models[at] = models[at] with { Backends = [.. known.Backends, next], Abilities = known.Abilities | model.Abilities };
            }
        }

        return [.. models];
    }

    private static string ReasonOf(AttachedEngine engine) => engine.Health switch
    {
        AttachedHealth.Gone => $"nothing answers at {engine.Address}; start it where you started it before: helix looks again every few seconds",
        AttachedHealth.Locked => $"it answers at {engine.Address} and asks for a key: helix local-llm attach {engine.Address} --key KEY",
        _ when engine.Models.IsEmpty => $"used at {engine.Address}, which lists no model; helix neither starts nor stops it",
        _ when engine.Models.Length == 1 => $"used at {engine.Address}; helix neither starts nor stops it",
        _ => $"{engine.Models.Length} models, used at {engine.Address}; helix neither starts nor stops it",
    };

    private static ServedSeat SeatOf(AttachedEngine engine, AttachedModel model) => engine.Health == AttachedHealth.Answers
        ? new(engine.Id, new ModelAvailability.Ready(), new($"{engine.Id}-{model.Id}", engine.Id, engine.Endpoint, model.Id, engine.Key) { Abilities = model.Abilities, ContextTokens = model.ContextTokens, IsAttached = true, Gaps = engine.Gaps })
        : new(engine.Id, new ModelAvailability.Failed($"{engine.Id}: {ReasonOf(engine)}", $"or let helix forget it: helix local-llm detach {engine.Id}"), null);

    private static ModelOrigin OriginOf(AttachedEngine engine) => engine.Address.IsLoopback ? ModelOrigin.Attached : ModelOrigin.Remote;
}
