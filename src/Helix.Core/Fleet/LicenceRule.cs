using System.Collections.Immutable;
using Helix.Core.Models;
using Helix.Core.Planning;

namespace Helix.Core.Fleet;

/// <summary>Which models may be asked, by their licences (<c>gateway.licences</c>).</summary>
internal static class LicenceRule
{
    /// <summary>Stands for the licence of models of which nobody tells one.</summary>
    public const string Untold = "unknown";

    private const int Longest = 100;

    /// <summary>It can be written in a list, and in a line for a shell between quotation marks.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= Longest && text.Trim() == text && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is ' ' or '.' or '-' or '+' or '_');

    /// <summary>A model's licence: the catalogue's word, which knows files by their digests, goes before that of the model's own files.</summary>
    /// <param name="told">What the model's own files say.</param>
    /// <returns>Null where nobody tells it, or what is told is no name.</returns>
    public static string? Of(string? told, string? sha256, ModelCatalog catalog) =>
        (sha256 is null ? null : catalog.Entries.FirstOrDefault(entry => entry.Sha256 == sha256)?.License) ?? (told?.Trim() is { } name && IsName(name) ? name : null);

    /// <param name="permitted">Null where there is no rule.</param>
    public static bool Permits(ImmutableArray<string>? permitted, PlannedModel model) => model.IsSelfTest || Permits(permitted, model.Licence);

    /// <summary>Nobody is sent to a model that is not permitted, whoever serves it; it is told why. Of engines that others run, and of clouds, nobody tells a licence.</summary>
    /// <param name="library">What is on disk, by whose licences models of the same names are judged.</param>
    public static ImmutableArray<ServedModel> Apply(ImmutableArray<ServedModel> models, ImmutableArray<string>? permitted, IReadOnlyList<PlannedModel> library)
    {
        if (permitted is not { } names) return models;
        var known = library.ToDictionary(model => model.Id, StringComparer.Ordinal);
        return [.. models.Select(Judged)];

        ServedModel Judged(ServedModel model)
        {
            var its = model.Origin == ModelOrigin.Cloud ? null : known.GetValueOrDefault(model.Id);
            // what is being fetched is judged once it is there
            var isComing = its is null && model is { Seats.IsEmpty: true, Availability: ModelAvailability.Coming };
            return isComing || its is { IsSelfTest: true } || Permits(names, its?.Licence) ? model : Barred(model, its?.Licence, names);
        }
    }

    private static bool Permits(ImmutableArray<string>? permitted, string? licence) => permitted is not { } names || names.Contains(licence ?? Untold, StringComparer.OrdinalIgnoreCase);

    private static ServedModel Barred(ServedModel model, string? licence, ImmutableArray<string> permitted)
    {
        var barred = new ModelAvailability.Failed(
            licence is null ? $"nobody tells its licence, and gateway.licences does not list \"{Untold}\"" : $"its licence is {licence}, which gateway.licences does not list",
            $"to permit it: helix config set gateway.licences \"{string.Join(',', permitted.Add(licence ?? Untold))}\"")
        {
            IsWished = true,
            IsBarred = true,
        };
        return model with { Availability = barred, Backends = [], Seats = [.. model.Seats.Select(seat => seat with { Availability = barred, Backend = null })] };
    }
}
