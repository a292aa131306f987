using System.CommandLine;
using System.Globalization;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary><c>helix dashboard</c>: a link with which one browser signs in to the dashboard; also who is signed in, and the end of that.</summary>
internal static class DashboardVerb
{
    public static Command Create(CliWorld world)
    {
        var noBrowser = new Option<bool>("--no-browser") { Description = "Only print the link." };
        var sessions = new Option<bool>("--sessions") { Description = "Show the browsers that are signed in." };
        var signOut = new Option<string?>("--sign-out") { Description = "Sign one browser out.", HelpName = "ID" };
        var signOutAll = new Option<bool>("--sign-out-all") { Description = "Sign every browser out." };
        var verb = new Verb(
            "dashboard", "Open the dashboard, through a link that works once.",
            "helix dashboard", "helix dashboard --no-browser", "helix dashboard --sessions", "helix dashboard --sign-out-all") { noBrowser, sessions, signOut, signOutAll };
        FormatOption.Add(verb);
        Verb.RefuseEmpty(signOut.Validators, "ID");
        verb.Validators.Add(result =>
        {
            var wishes = new[] { result.GetValue(noBrowser), result.GetValue(sessions), result.GetValue(signOut) is not null, result.GetValue(signOutAll) };
            if (wishes.Count(wish => wish) > 1) result.AddError("--no-browser, --sessions, --sign-out and --sign-out-all do not go together.");
        });
        verb.SetAction((parse, cancellationToken) =>
            parse.GetValue(sessions) ? ListAsync(parse, world, cancellationToken)
            : parse.GetValue(signOutAll) ? EndAsync("/helix/v1/sessions", world, cancellationToken)
            : parse.GetValue(signOut) is { } id ? EndAsync($"/helix/v1/sessions/{Uri.EscapeDataString(id)}", world, cancellationToken)
            : OpenAsync(parse, parse.GetValue(noBrowser), world, cancellationToken));
        return verb;
    }

    /// <returns>Null where this helix has no dashboard, or does not answer.</returns>
    public static async Task<LinkReport?> LinkAsync(DaemonClient daemon, CancellationToken cancellationToken) =>
        await daemon.PostAsync("/helix/v1/dashboard/link", null, SessionJson.Default.LinkReport, cancellationToken) is Answer<LinkReport>.Is(var link) ? link : null;

    private static async Task<int> OpenAsync(ParseResult parse, bool noBrowser, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PostAsync("/helix/v1/dashboard/link", null, SessionJson.Default.LinkReport, cancellationToken);
        if (answer is not Answer<LinkReport>.Is(var link)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(link, SessionJson.Default.LinkReport);
        world.Terminal.Out.WriteLine(link.Url);
        world.Terminal.Say($"the link works once, in one browser, until {link.Expires.UtcDateTime.ToString("HH:mm 'UTC'", CultureInfo.InvariantCulture)}");
        if (!noBrowser && world.Terminal.OutIsTerminal && await OpenVerb.OpensAsync(link.Url, world.Time)) world.Terminal.Say("it is shown in your browser");
        return ExitCodes.Ok;
    }

    private static async Task<int> ListAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/sessions", SessionJson.Default.SessionList, cancellationToken);
        if (answer is not Answer<SessionList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, SessionJson.Default.SessionList);
        if (list.Sessions.Count > 0)
            return world.Terminal.WriteTable(["ID", "SIGNED IN", "LAST USED", "ENDS", "BROWSER"], list.Sessions.Select(session => new[] { session.Id, Minute(session.Created), Minute(session.Seen), Minute(session.Expires), session.Agent ?? "" }));
        world.Terminal.Say("no browser is signed in");
        return ExitCodes.Ok;
    }

    private static async Task<int> EndAsync(string path, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.DeleteAsync(path, ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Say(done.Message);
        return ExitCodes.Ok;
    }

    private static string Minute(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
