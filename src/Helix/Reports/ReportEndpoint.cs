using Helix.Access;
using Helix.Core.History;
using Helix.Core.Reports;
using Helix.Storage;

namespace Helix.Reports;

/// <summary><c>GET /helix/v1/report?since=&amp;against=</c>: what was recorded of a time, made into one report.</summary>
internal sealed class ReportEndpoint(ReportSources sources, TimeProvider time)
{
    private static readonly TimeSpan s_usual = TimeSpan.FromDays(7);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/helix/v1/report", AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        var (since, now) = (context.Request.Query["since"].ToString(), time.GetUtcNow());
        var against = context.Request.Query["against"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var (prices, _) = sources.Prices();
        var from = since.Length == 0 ? now - s_usual : Since.Parse(since, now);
        var wrong = from is null ? $"since: {since} is not {Since.Expected}"
            : from > now ? $"since: {since} is not over yet, so there is nothing to report"
            : against.FirstOrDefault(model => !prices.ContainsKey(model)) is { } unknown ? $"against: no price of {unknown} is known; write it like openai/gpt-4.1-mini, or give its price with: helix config set cloud.prices \"{unknown}=IN/OUT\""
            : null;
        if (wrong is not null || from is not { } asked)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", wrong ?? ""));
            return;
        }

        switch (await sources.ReadAsync(ReportInput.Begin(asked, now) with { Against = against }))
        {
            case Stored<ReportInput>.Ok(var input): await ApiAnswer.OkAsync(context, ReportFacts.Of(input), ReportJson.Default.PeriodReport); break;
            case Stored<ReportInput>.Failed failed: await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new(failed.Code, failed.Reason, failed.Remedy)); break;
        }
    }
}
