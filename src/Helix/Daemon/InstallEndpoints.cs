using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Install;
using Helix.Install;
using Helix.Manifests;

namespace Helix.Daemon;

/// <summary>
/// <c>POST /helix/v1/providers/{id}/install|update|remove|rollback|accept-license</c> and <c>GET …/versions</c>: each answers when it is done, and says what came of it.
/// </summary>
internal sealed class InstallEndpoints(Fleet.Fleet fleet, ProviderRoster roster, ManifestShelf shelf, Installations installations, ReleaseStore store, TimeProvider time)
{
    private static readonly TimeSpan s_leaving = TimeSpan.FromSeconds(60);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/helix/v1/providers/{id}/install", InstallAsync);
        routes.MapPost("/helix/v1/providers/{id}/update", context => AskAsync(context, null));
        routes.MapPost("/helix/v1/providers/{id}/remove", RemoveAsync);
        routes.MapPost("/helix/v1/providers/{id}/rollback", RollBackAsync);
        routes.MapPost("/helix/v1/providers/{id}/accept-license", AcceptAsync);
        routes.MapGet("/helix/v1/providers/{id}/versions", VersionsAsync);
    }

    private static string IdOf(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    private async Task InstallAsync(HttpContext context)
    {
        InstallRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.InstallRequest, context.RequestAborted);
        }
        catch (JsonException bad)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is no request to install: {bad.Message}"));
            return;
        }

        if (request?.Version is { } version && !IsVersion(version))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"\"{version}\" is no version", "a version has letters, digits, dots, + and - only"));
            return;
        }

        await AskAsync(context, request?.Version);
    }

    /// <summary>It becomes the name of a folder.</summary>
    private static bool IsVersion(string text) => text.Length is > 0 and <= 80 && char.IsAsciiLetterOrDigit(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    private async Task AskAsync(HttpContext context, string? version)
    {
        var id = IdOf(context);
        if (await RefusedAsync(context, id)) return;
        var before = store.Current(id)?.Version;
        installations.Ask(id, version);
        var install = await OutcomeAsync(id, context.RequestAborted);
        await (install switch
        {
            { Need: InstallNeed.Satisfied, Failure: { } failure } when store.Current(id) is { } kept => ApiAnswer.RefuseAsync(
                context, StatusCodes.Status502BadGateway, new("install_failed", $"{id} could not be installed. {failure.Step}: {failure.Reason}; {kept.Version} stays in use", failure.Remedy)),
            { Need: InstallNeed.Satisfied } when store.Current(id) is { } now => ApiAnswer.OkAsync(
                context,
                new Done(now.Version == before ? $"{id} {now.Version} is installed already" : $"{id} {now.Version} is installed ({now.Tested})"), ApiJson.Default.Done),
            { Failure: { } failure } => ApiAnswer.RefuseAsync(
                context, StatusCodes.Status502BadGateway, new("install_failed", $"{id} could not be installed. {failure.Step}: {failure.Reason}", failure.Remedy)),
            { Need: InstallNeed.Off(var reason) } => ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{id}: {reason}")),
            _ => roster.RefuseAsync(context, id),
        });
    }

    /// <summary>Waits until nothing is under way for it any more.</summary>
    private async Task<ProviderInstall> OutcomeAsync(string id, CancellationToken cancellationToken)
    {
        // what was asked is seen first, then worked on: a state that is neither may be of before
        await installations.SettledAsync();
        while (true)
        {
            var version = installations.Version;
            var install = installations.Current.Providers[id];
            if (install is not { Need: InstallNeed.Needed } || (!install.IsWorking && install.Failure is not null)) return install;
            await installations.ChangedAsync(version, cancellationToken);
        }
    }

    private async Task RemoveAsync(HttpContext context)
    {
        var id = IdOf(context);
        // a manifest may be gone, and its releases still there
        var isOrphan = shelf.Current.Find(id) is null && AttachNames.IsId(id) && store.All(id).Count > 0;
        if (!isOrphan && await RefusedAsync(context, id)) return;
        var release = store.Current(id) ?? (store.All(id) is [var last, ..] ? last : null);
        if (release is null && installations.Current.Providers.GetValueOrDefault(id) is not { Need: InstallNeed.Needed })
        {
            await roster.RefuseAsync(context, id);
            return;
        }

        try
        {
            await installations.RemoveAsync(id);
            await LeftAsync(id, context.RequestAborted);
            await installations.WhileStillAsync(working =>
            {
                if (!working.Contains(id)) store.Remove(id);
            });
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status507InsufficientStorage, new("disk", $"{id} could not be removed whole: {disk.Message}", "run the same command again"));
            return;
        }

        await ApiAnswer.OkAsync(context, new Done(release is null ? $"{id} is not installed any further" : $"{id} {release.Version} is removed; its data stays in {store.FolderOf(id)}"), ApiJson.Default.Done);
    }

    /// <summary>Its engines end as soon as the fleet hears that they are no longer installed.</summary>
    private async Task LeftAsync(string id, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_leaving, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            for (var snapshot = fleet.Current; snapshot.Instances.Any(instance => instance.Provider == id); snapshot = fleet.Current)
                await fleet.ChangedAsync(snapshot.Version, both.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // the fleet ends it the hard way
        }
    }

    private async Task RollBackAsync(HttpContext context)
    {
        var id = IdOf(context);
        if (await RefusedAsync(context, id)) return;
        var before = store.Current(id)?.Version;
        var now = await installations.RollBackAsync(id);
        await (now is null ? roster.RefuseAsync(context, id)
            : now.Version == before
                ? ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{id} has no release but {now.Version}", $"see: helix local-llm versions {id}"))
                : ApiAnswer.OkAsync(context, new Done($"{id} uses {now.Version} again, and keeps it until it is updated"), ApiJson.Default.Done));
    }

    private async Task AcceptAsync(HttpContext context)
    {
        var id = IdOf(context);
        if (await RefusedAsync(context, id)) return;
        if (shelf.Current.Find(id)!.Install.Select(way => way.Accept).OfType<string>().FirstOrDefault() is not { } terms)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{id} has no terms that must be accepted"));
            return;
        }

        await installations.AcceptAsync(id, terms);
        await installations.SettledAsync();
        var next = installations.Current.Providers.GetValueOrDefault(id)?.Need switch
        {
            InstallNeed.Needed => $"it is being installed now; see: helix local-llm status {id}",
            InstallNeed.Off(var reason) => reason,
            InstallNeed.Impossible(var reason) => $"{id} is {reason}",
            _ => "it is installed",
        };
        await ApiAnswer.OkAsync(context, new Done($"the terms of {id} at {terms} are accepted; {next}"), ApiJson.Default.Done);
    }

    private async Task VersionsAsync(HttpContext context)
    {
        var id = IdOf(context);
        if (await RefusedAsync(context, id)) return;
        var (current, previous) = (store.Current(id)?.Version, store.Previous(id)?.Version);
        var words = store.Words(id);
        // what waits to be deleted is not installed any more
        var kept = current is null && words.Removed ? [] : store.All(id);
        await ApiAnswer.OkAsync(
            context,
            new VersionList(id, current, previous, words.Pinned, [.. kept.Select(release => new VersionReport(
                release.Version, release.Version == current ? "current" : release.Version == previous ? "previous" : "kept", release.Installed, release.Bytes, release.Tested,
                [.. release.Digests.Select(digest => new DigestReport(digest.What, digest.Algorithm, digest.Value, WordsFor(digest.From)))]))]),
            ApiJson.Default.VersionList);
    }

    private static string WordsFor(DigestFrom from) => from switch
    {
        DigestFrom.Manifest => "the manifest",
        DigestFrom.ChecksumFile => "the release's file of digests",
        DigestFrom.Registry => "the registry or release page",
        _ => "the first installation here",
    };

    private async Task<bool> RefusedAsync(HttpContext context, string id)
    {
        if (id != Fleet.Fleet.Builtin && shelf.Current.Find(id) is { IsAttached: false }) return false;
        if (id == Fleet.Fleet.Builtin) await ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", "the built-in engine comes with helix", "git pull, then helix restart"));
        else await roster.RefuseAsync(context, id);
        return true;
    }
}
