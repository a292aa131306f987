using System.Security.Cryptography;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Access;
using Helix.Core.Security;
using Helix.Storage;

namespace Helix.Access;

/// <summary><c>/helix/v1/session</c>, where a browser signs in and out, and <c>/helix/v1/sessions</c>, all that are signed in.</summary>
internal sealed class SessionEndpoints(SessionRing sessions, SignInLinks links, Refusals refusals, TimeProvider time)
{
    private const string How = "Run `helix dashboard` on the machine where helix runs, and open the link that it prints.";

    private const int MostBody = 4096;
    private const int MostAgent = 200;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/session", TellAsync);
        routes.MapPost("/helix/v1/session", SignInAsync);
        routes.MapDelete("/helix/v1/session", SignOutAsync);
        routes.MapGet("/helix/v1/sessions", ListAsync);
        routes.MapDelete("/helix/v1/sessions", context => EndAsync(context, _ => true));
        routes.MapDelete("/helix/v1/sessions/{id}", EndOneAsync);
    }

    private HeldSession? Of(HttpContext context) => sessions.Find(SessionCookie.Read(context));

    private Task TellAsync(HttpContext context)
    {
        var own = Of(context);
        return ApiAnswer.OkAsync(context, own is null ? new SessionState(false, null, How) : new SessionState(true, Report(own.Record, own.Id), null), SessionJson.Default.SessionState);
    }

    private async Task SignInAsync(HttpContext context)
    {
        if (await LinkAsync(context) is not { } link) return;
        if (!links.Use(link))
        {
            refusals.Note(context, RefusalKind.WrongKey);
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status401Unauthorized, new("bad_link", "This link was used already, is older than ten minutes, or was never made here.", How));
            return;
        }

        var (cookie, token) = (SessionRules.Secret(RandomNumberGenerator.GetBytes(32)), SessionRules.Secret(RandomNumberGenerator.GetBytes(32)));
        var now = time.GetUtcNow();
        // it is shown on terminals, too
        string agent = new([.. context.Request.Headers.UserAgent.ToString().Where(letter => !char.IsControl(letter)).Take(MostAgent)]);
        var record = new SessionRecord(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), KeyHash.Of(cookie), KeyHash.Of(token), now, now, agent.Length > 0 ? agent : null);
        var before = Of(context)?.Id;
        if (await sessions.BeginAsync(record) is Stored<bool>.Failed failed)
        {
            await NotKeptAsync(context, failed.Code, failed.Reason, failed.Remedy);
            return;
        }

        // a browser has one session: the one before would be left without anybody who knows its cookie
        if (before is not null) await sessions.EndAsync(session => session.Id == before);
        SessionCookie.Set(context, cookie);
        await ApiAnswer.OkAsync(context, new SignedIn(token, Report(record, record.Id)), SessionJson.Default.SignedIn);
    }

    private async Task SignOutAsync(HttpContext context)
    {
        SessionCookie.Clear(context);
        if (Of(context) is { } own) await EndAsync(context, session => session.Id == own.Id);
        else await ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", "No browser is signed in with what this request brings.", How));
    }

    private Task ListAsync(HttpContext context)
    {
        var own = Of(context)?.Id;
        return ApiAnswer.OkAsync(context, new SessionList([.. sessions.All().Select(session => Report(session, own))]), SessionJson.Default.SessionList);
    }

    private Task EndOneAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return sessions.All().Any(session => session.Id == id)
            ? EndAsync(context, session => session.Id == id)
            : ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", $"There is no session {id}.", "`helix dashboard --sessions` shows all of them."));
    }

    private async Task EndAsync(HttpContext context, Func<SessionRecord, bool> which) => await (await sessions.EndAsync(which) switch
    {
        Stored<int>.Ok(var count) => ApiAnswer.OkAsync(context, new Done(count switch { 0 => "no browser was signed in", 1 => "one browser is signed out", _ => $"{count} browsers are signed out" }), ApiJson.Default.Done),
        Stored<int>.Failed(var code, var reason, var remedy) => NotKeptAsync(context, code, $"it is signed out until helix starts again, but that could not be written down: {reason}", remedy),
        _ => throw new InvalidOperationException("it is either stored or failed"),
    });

    /// <returns>The secret that was sent; null where the request was refused.</returns>
    private static async Task<string?> LinkAsync(HttpContext context)
    {
        var body = await ApiAnswer.BodyAsync(context, MostBody);
        try
        {
            if (body is not null && JsonSerializer.Deserialize(body, SessionJson.Default.SignInRequest) is { } request) return request.Link;
        }
        catch (JsonException)
        {
            // the same as any other body that says nothing
        }

        await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "The body is no wish to sign in.", "Send {\"link\": \"…\"} with what stands behind the last / of the link."));
        return null;
    }

    private static Task NotKeptAsync(HttpContext context, string code, string reason, string remedy) =>
        ApiAnswer.RefuseAsync(context, code == "no_space" ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status500InternalServerError, new(code, reason, remedy));

    private static SessionReport Report(SessionRecord session, string? own) => new(session.Id, session.Created, session.Seen, session.Ends, session.Agent, session.Id == own);
}
