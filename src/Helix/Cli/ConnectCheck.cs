using System.Net.Http.Headers;
using System.Text;
using Helix.Core.Cli;
using Helix.Core.Connect;

namespace Helix.Cli;

/// <summary>Sends the gateway one request as the tool would: to the same address, with the same key, in the same words.</summary>
internal static class ConnectCheck
{
    /// <summary>A model may have to be loaded first; the gateway itself gives up sooner.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <returns>What came of it, and the exit code for it.</returns>
    public static async Task<(CheckReport Report, int Code)> RunAsync(ToolCheck check, string address, TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, address + check.Path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(check.Body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        foreach (var (name, value) in check.Headers) request.Headers.TryAddWithoutValidation(name, value);
        using var late = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            return Read(response, await response.Content.ReadAsStringAsync(either.Token));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (Failed($"there was no answer within {s_patience.TotalMinutes:0} minutes"), ExitCodes.TimedOut);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // what was made is there all the same, and has to be told
            return (Failed("it was interrupted"), ExitCodes.Interrupted);
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException)
        {
            return (Failed($"{address} does not answer: {lost.Message}"), ExitCodes.Offline);
        }
    }

    private static (CheckReport Report, int Code) Read(HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return ToolCheck.IsAnswer(body)
                ? (new(true, Header(response, "x-helix-provider"), Header(response, "x-helix-model"), Header(response, "x-helix-selftest") == "true", null), ExitCodes.Ok)
                : (Failed("what came back is no answer"), ExitCodes.AnswerBroken);
        }

        var failed = ChatEvent.ReadError(body, $"the gateway answered {status}");
        return (Failed($"{failed.Message} ({status})"), Conversation.CodeOf(failed.Code, status));
    }

    private static CheckReport Failed(string problem) => new(false, null, null, false, problem);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
