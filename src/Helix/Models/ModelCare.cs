using System.Globalization;

namespace Helix.Models;

/// <param name="Words">What was found and done.</param>
/// <param name="IsBack">The model is there again.</param>
internal sealed record DamagedModel(string Words, bool IsBack);

/// <summary>Compares models with what was written down of them, and brings again what differs. Nothing is deleted: what is damaged is put aside.</summary>
internal sealed class ModelCare(ModelLibrary library, ModelPulls pulls)
{
    /// <returns>Null where all is as it should be, or nothing was written down.</returns>
    /// <exception cref="IOException">A file cannot be read or put aside.</exception>
    public async Task<DamagedModel?> VerifyAsync(string id, CancellationToken cancellationToken)
    {
        if (library.Current.Find(id) is not { } model || library.ManifestOf(id) is not { } manifest) return null;
        if (await DamagedAsync(manifest, cancellationToken) is not { } damaged) return null;

        var aside = await library.SetAsideAsync(id, cancellationToken);
        var found = $"{damaged} is not what it was when it came; it was put aside as {aside}";
        var digest = manifest is { IsFolder: false, Files: [var only] } ? $"#sha256={only.Sha256}" : "";
        var outcome = Path.IsPathFullyQualified(model.Source)
            ? await library.AddAsync(model.Source, id, move: false, cancellationToken)
            : await pulls.PullAsync(model.Source + digest, id, _ => { }, cancellationToken);
        // what sees to absent models may have been faster
        return outcome is LibraryOutcome.Refused(_, var reason, var remedy) && library.Current.Find(id) is null
            ? new($"{found}, and {id} could not be brought again from {model.Source} (it is tried again by itself): {reason}. {remedy}", false)
            : new($"{found}, and {id} was brought again from {model.Source}", true);
    }

    /// <summary>Lengths and times of its files: what is written anew has another.</summary>
    public string StampOf(string id) => library.ManifestOf(id) is not { } manifest ? "" : string.Join(';', manifest.PathsIn(library.Folder).Select(each =>
        string.Create(CultureInfo.InvariantCulture, $"{(File.Exists(each.Path) ? new FileInfo(each.Path).Length : -1)}@{File.GetLastWriteTimeUtc(each.Path).Ticks}")));

    /// <returns>Path of the first file that is not what it was; null for none.</returns>
    private async Task<string?> DamagedAsync(LibraryManifest manifest, CancellationToken cancellationToken)
    {
        foreach (var (path, file) in manifest.PathsIn(library.Folder))
            if (!File.Exists(path) || new FileInfo(path).Length != file.Bytes || await FileDigest.OfAsync(path, cancellationToken) != file.Sha256)
                return path;
        return null;
    }
}
