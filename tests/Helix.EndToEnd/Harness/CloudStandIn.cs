using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Helix.EndToEnd.Harness;

/// <summary>A cloud on loopback, over TLS with a certificate that nobody believes who is not given it.</summary>
internal sealed class CloudStandIn : IAsyncDisposable
{
    public const string Key = "sk-end-to-end-4711";

    /// <summary>What it answers in Anthropic's words: 1000 tokens were asked, 400 of them found in the cache, and 500 answered.</summary>
    public const string Message = """{"id":"msg_1","type":"message","role":"assistant","model":"gpt-small","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"from a cloud"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":600,"cache_read_input_tokens":400,"output_tokens":500}}""";

    private static readonly string[] s_events =
    [
        """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"gpt-small","content":[],"usage":{"input_tokens":600,"cache_read_input_tokens":400,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"from a cloud"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":500}}""",
        """{"type":"message_stop"}""",
    ];

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private CloudStandIn(WebApplication app, X509Certificate2 certificate) => (_app, _certificate) = (app, certificate);

    public string Url => $"https://{Authority}/v1";

    public string Authority => $"localhost:{new Uri(_app.Urls.Single()).Port}";

    /// <summary>A stream in Anthropic's words, as it says it.</summary>
    public static string Events => string.Concat(s_events.Select(data => $"event: {(string?)JsonNode.Parse(data)!["type"]}\ndata: {data}\n\n"));

    /// <summary>Bodies of the requests for an answer.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public static async Task<CloudStandIn> StartAsync()
    {
        var certificate = Certificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var cloud = new CloudStandIn(builder.Build(), certificate);
        cloud._app.Run(cloud.AnswerAsync);
        await cloud._app.StartAsync();
        return cloud;
    }

    /// <summary>Writes the certificate where <c>SSL_CERT_FILE</c> of a home names it.</summary>
    public void IsBelievedIn(TempHome home)
    {
        var file = Path.Combine(home.Folder, "cloud.pem");
        File.WriteAllText(file, _certificate.ExportCertificatePem());
        home.Environment["SSL_CERT_FILE"] = file;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        if (context.Request.Headers.Authorization != $"Bearer {Key}" && !(context.Request.Headers["x-api-key"] == Key && context.Request.Headers["anthropic-version"] == "2023-06-01"))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsync($$$"""{"error":{"message":"Incorrect API key provided: {{{context.Request.Headers.Authorization}}}"}}""");
        }
        else if (context.Request.Path == "/v1/models") await context.Response.WriteAsync("""{"object":"list","data":[{"id":"gpt-large"},{"id":"gpt-small"}]}""");
        else
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            Asked.Enqueue(body);
            if (context.Request.Path == "/v1/messages")
            {
                var isStream = (bool?)JsonNode.Parse(body)!["stream"] == true;
                if (isStream) context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(isStream ? Events : Message);
                return;
            }

            await context.Response.WriteAsync("""{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"from a cloud"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}}""");
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
