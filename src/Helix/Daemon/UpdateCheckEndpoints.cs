using Helix.Access;
using Helix.Contracts;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Core.Updates;
using Helix.Install;
using Helix.Manifests;
using Helix.Updates;

namespace Helix.Daemon;

/// <summary><c>POST /helix/v1/updates/check?provider=ID</c>: which versions there are. A POST, for it asks other machines; it changes nothing here.</summary>
internal sealed class UpdateCheckEndpoints(ManifestShelf shelf, ReleaseStore store, NewestLook newest, Updater updater, Func<MachineFacts> machine, ProviderRoster roster)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/helix/v1/updates/check", CheckAsync);

    private async Task CheckAsync(HttpContext context)
    {
        var only = context.Request.Query["provider"].FirstOrDefault();
        var manifests = shelf.Current.Manifests.Where(manifest => manifest.Id != Fleet.Fleet.Builtin && !manifest.IsAttached && (only is null || manifest.Id == only)).ToArray();
        if (manifests.Length == 0 && only is not null)
        {
            await roster.RefuseAsync(context, only);
            return;
        }

        var here = machine();
        // where several come from the same host, those that are installed are asked first
        var found = await newest.AskAsync([.. manifests.Where(manifest => manifest.Newer is not null).OrderBy(manifest => store.Current(manifest.Id) is null).Select(manifest => (manifest.Id, manifest.Newer!))], context.RequestAborted);
        await ApiAnswer.OkAsync(context, new UpdateCheckList([.. manifests.Select(manifest => ReportOf(manifest, here, found.GetValueOrDefault(manifest.Id)))]), ApiJson.Default.UpdateCheckList);
    }

    private UpdateCheckReport ReportOf(Manifest manifest, MachineFacts here, NewestFound? found)
    {
        var installed = store.Current(manifest.Id)?.Version.Split('+')[0];
        var known = Feasibility.Of(manifest, here) is Feasibility.Possible possible ? InstallChoice.Of(manifest, here, possible.Kind).Select(choice => choice.Way.Version).FirstOrDefault() : null;
        return new(
            manifest.Id, installed, known, found?.Version, found?.Asked, Advice(),
            found is null ? "its manifest does not say where new versions are found" : found.Problem);

        string Advice() => installed is null ? UpdateAdvice.Of(manifest.Id, installed, known, found?.Version) : updater.Decide(manifest, found) switch
        {
            UpdateDecision.Go(var version) => $"{version} is installed by itself within the hour",
            UpdateDecision.Wait(_, var why, _) => why,
            UpdateDecision.Stay(var why) => UpdateAdvice.Of(manifest.Id, installed, known, found?.Version) is var byHand && byHand is "up to date" or "as helix knows it" ? why : $"{why}; {byHand}",
            _ => "",
        };
    }
}
