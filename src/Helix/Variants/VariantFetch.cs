using Helix.Core.Hardware;
using Helix.Engine.Native;
using Helix.Install;

namespace Helix.Variants;

/// <summary>Brings a build of the engine to this machine: fetched, checked and unpacked beside, then renamed. Whatever goes wrong leaves nothing.</summary>
/// <param name="packages">What makes up a build.</param>
internal sealed class VariantFetch(VariantStore store, NpmClient npm, Func<EngineVariant, IReadOnlyList<EnginePackage>> packages)
{
    /// <returns>Null when it is there, else why not.</returns>
    public async Task<PackOutcome.Failed?> FetchAsync(EngineVariant variant, CancellationToken cancellationToken)
    {
        string? begun = null;
        try
        {
            Directory.CreateDirectory(store.Root);
            var needed = packages(variant).Sum(package => package.UnpackedBytes) + packages(variant).Max(package => package.PackedBytes);
            if (FreeSpace.Refusal(store.Root, needed) is { } refusal) return new(refusal.Reason, FreeSomeSpace);
            begun = store.Begin(variant);
            foreach (var package in packages(variant))
                if (await AddAsync(package, begun, cancellationToken) is { } failed) return failed;
            if (LlamaLibrary.Check(begun) is { } wrong) return new(wrong, "This is a mistake in helix: please report it.");
            store.Finish(variant, begun);
            return null;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return disk is IOException full && FreeSpace.IsExhausted(full)
                ? new($"the disk under {store.Root} is full", FreeSomeSpace)
                : new($"it could not be put in place: {disk.Message}", "It is tried again by itself.");
        }
        finally
        {
            Drop(begun);
        }
    }

    private const string FreeSomeSpace = "Free some disk space, or set builtin.device to cpu.";

    private async Task<PackOutcome.Failed?> AddAsync(EnginePackage package, string folder, CancellationToken cancellationToken)
    {
        var packed = Directory.CreateDirectory(Path.Combine(folder, "packed")).FullName;
        switch (await npm.PackAsync(package, packed, cancellationToken))
        {
            case PackOutcome.Failed failed: return failed;
            case PackOutcome.Packed(var file) when await PackedLibraries.CheckAsync(file, package, cancellationToken) is { } tampered:
                return new($"what arrived was thrown away: {tampered} ({Path.GetFileName(file)})", "Try another registry or network: somebody on the way changed it.");
            case PackOutcome.Packed(var file): await PackedLibraries.UnpackAsync(file, package, folder, cancellationToken); break;
        }

        Directory.Delete(packed, recursive: true);
        return null;
    }

    private static void Drop(string? folder)
    {
        try
        {
            if (folder is not null && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            // swept at the next start
        }
    }
}
