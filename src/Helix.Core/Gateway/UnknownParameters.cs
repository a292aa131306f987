using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;

namespace Helix.Core.Gateway;

/// <summary>Nobody who serves a model knows all that a request asks for.</summary>
/// <param name="Error">What its client is told.</param>
/// <param name="IsAwaited">An engine that is thought to know it is on its way.</param>
internal sealed record UnknownParameters(GatewayError Error, bool IsAwaited)
{
    private const int MostOffered = 3;

    /// <param name="asked">By the request.</param>
    /// <param name="manifests">Of all providers that helix knows; looked at only where there is something to say.</param>
    /// <returns>Null where one of the model's backends knows all of it.</returns>
    public static UnknownParameters? Of(ServedModel model, InferenceRoute route, RequestParameters asked, ClientDialect dialect, Func<IEnumerable<Manifest>> manifests)
    {
        if (asked == RequestParameters.None || model.Backends.IsEmpty) return null;
        foreach (var backend in model.Backends)
            if (backend.Unknown(route, asked) == RequestParameters.None) return null;
        return Told(model, route, asked, dialect, [.. manifests()]);
    }

    private static UnknownParameters Told(ServedModel model, InferenceRoute route, RequestParameters asked, ClientDialect dialect, Manifest[] manifests)
    {
        var unknown = model.Backends.Aggregate(RequestParameters.None, (all, backend) => all | backend.Unknown(route, asked));
        if (unknown.HasFlag(RequestParameters.ResponseFormat)) unknown &= ~RequestParameters.JsonObject;
        var each = ParameterTable.Each(unknown).ToArray();
        var clauses = each.Select(one => $"{Shown(one, dialect)} is unknown to {Joined([.. model.Backends.Where(backend => backend.Unknown(route, one) != RequestParameters.None).Select(backend => backend.Provider).Distinct()], "and")}");
        var others = model.Seats.Where(seat => model.Backends.All(backend => backend.Provider != seat.Provider) && MayKnow(seat, route, asked, manifests)).ToArray();
        var it = each.Length == 1 ? "it" : "them";
        var offer = others.Length > 0 ? $", or ask for {Joined([.. others.Select(seat => $"'{seat.Provider}/{model.Id}'")], "or")}"
            : Makers(route, asked, manifests) is { Length: > 0 } makers ? $"; as far as helix knows, {Joined(makers, "and")} {(makers.Length == 1 ? "takes" : "take")} {it}"
            : "";
        return new(
            new GatewayError(
                400, "unsupported_parameter", $"No engine that serves the model '{model.Id}' at this moment can do all that is asked for: {string.Join("; ", clauses)}. Leave {it} out{offer}.",
                ParameterTable.NamesIn(dialect, unknown) is [var first, ..] ? first : null),
            others.Any(seat => seat.Availability is ModelAvailability.Coming));
    }

    private static string Shown(RequestParameters one, ClientDialect dialect) =>
        $"'{string.Join("', '", ParameterTable.NamesIn(dialect, one))}'{(one == RequestParameters.JsonObject ? " for JSON without a schema" : "")}";

    private static bool MayKnow(ServedSeat seat, InferenceRoute route, RequestParameters asked, Manifest[] manifests) => seat switch
    {
        { Availability: ModelAvailability.Failed } => false,
        { Backend: { } backend } => backend.Unknown(route, asked) == RequestParameters.None,
        _ => manifests.FirstOrDefault(manifest => manifest.Id == seat.Provider) is { } its && MayKnow(its, route, asked),
    };

    private static bool MayKnow(Manifest manifest, InferenceRoute route, RequestParameters asked) =>
        PlannedProvider.Of(manifest).Abilities.HasFlag(route.Needs) && ((manifest.Serves?.Gaps?.Of(route).Lacks ?? RequestParameters.None) & asked) == RequestParameters.None;

    /// <summary>Whom helix could start.</summary>
    private static string[] Makers(InferenceRoute route, RequestParameters asked, Manifest[] manifests) =>
        [.. manifests.Where(manifest => !manifest.IsAttached && MayKnow(manifest, route, asked)).OrderBy(manifest => manifest.Tier).ThenBy(manifest => manifest.Preference).Take(MostOffered).Select(manifest => manifest.Name)];

    private static string Joined(string[] names, string before) => names switch
    {
        [] => "",
        [var only] => only,
        _ => $"{string.Join(", ", names[..^1])} {before} {names[^1]}",
    };
}
