using Helix.Access;
using Helix.Contracts;
using Helix.Core.Configuration;

namespace Helix.Security;

/// <summary><c>GET /helix/v1/security</c>: what the last look came to; <c>POST /helix/v1/security/run</c>: looks at everything now, and mends what can be.</summary>
internal sealed class SecurityEndpoints(SecurityWatch watch, AdvisoryShelf advisories, Func<SecurityConfig> config)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/security", context => ApiAnswer.OkAsync(context, Report(), SecurityJson.Default.SecurityReport));
        routes.MapPost("/helix/v1/security/run", RunAsync);
    }

    private async Task RunAsync(HttpContext context)
    {
        try
        {
            await watch.LookAsync(thorough: true, context.RequestAborted);
            await ApiAnswer.OkAsync(context, Report(), SecurityJson.Default.SecurityReport);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new("disk", $"not everything could be looked at: {disk.Message}", "Check that helix's folder belongs to you, and try again."));
        }
    }

    private SecurityReport Report()
    {
        var (state, isOn, list) = (watch.State, config().Watch, advisories.Current().List);
        return new(isOn, state.Looked, state.Compared, isOn ? state.Looked + SecurityWatch.Pace : null, state.Engines, list.Number, list.Date, SecurityReporting.Of(state.Findings));
    }
}
