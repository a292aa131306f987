using System.Collections.Concurrent;
using System.Globalization;

namespace Helix.Models;

/// <param name="Words">What was found and done.</param>
/// <param name="IsBack">The model is there again.</param>
internal sealed record DamagedModel(string Words, bool IsBack);

/// <summary>Compares models with what was written down of them, and brings again what differs. Nothing is deleted: what is damaged is put aside.</summary>
internal sealed class ModelCare(ModelLibrary library, ModelPulls pulls)
{
    /// <summary>By id: each is worked at by one at a time.</summary>
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <returns>Null where all is as it should be, or nothing was written down, or its weights are gone and are brought by whoever brings such.</returns>
    /// <exception cref="IOException">A file cannot be read or put aside.</exception>
    public async Task<DamagedModel?> VerifyAsync(string id, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(id, _ => new(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (library.ManifestOf(id) is not { } manifest || manifest.IsAbsentFrom(library.Folder) || await DamagedAsync(manifest, cancellationToken) is not { } damaged) return null;

            var aside = await library.SetAsideAsync(id, cancellationToken);
            var found = $"{damaged} is not what it was when it came; it was put aside as {aside}";
            LibraryOutcome? outcome;
            try
            {
                outcome = await BringAsync(manifest, cancellationToken);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                outcome = new LibraryOutcome.Refused("disk", refused.Message, "Check who may read it.");
            }

            // what sees to absent models may have been faster
            return library.Current.Find(id) is null
                ? new($"{found}, and {id} could not be brought again from {manifest.Source} (it is tried again by itself): {(outcome is LibraryOutcome.Refused(_, var reason, var remedy) ? $"{reason}. {remedy}" : "what is there now is not the same")}", false)
                : new($"{found}, and {id} was brought again from {manifest.Source}", true);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Brings the weights of a name from where they came.</summary>
    /// <returns>Null where they are not there any more.</returns>
    public async Task<LibraryOutcome?> BringAsync(LibraryManifest manifest, CancellationToken cancellationToken)
    {
        var source = manifest.Source;
        if (!Path.IsPathFullyQualified(source)) return await pulls.PullAsync(source + (manifest is { IsFolder: false, Files: [var only] } ? $"#sha256={only.Sha256}" : ""), manifest.Id, _ => { }, cancellationToken);
        foreach (var file in manifest.Files)
        {
            var path = manifest.IsFolder ? Path.Combine(source, file.Name) : manifest.Files.Count == 1 ? source : Path.Combine(Path.GetDirectoryName(source)!, file.Name);
            if (!File.Exists(path) || await FileDigest.OfAsync(path, cancellationToken) != file.Sha256) return null;
        }

        return await library.AddAsync(source, manifest.Id, move: false, cancellationToken);
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
