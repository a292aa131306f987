using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Helix.Mirrors;

/// <summary>One request, and how its answer is sent: with ranges, an ETag, and the fault that was asked for.</summary>
internal sealed partial class Request(HttpContext context, string path, Fault? fault)
{
    private const int Piece = 16 * 1024;

    public HttpContext Context { get; } = context;

    public string Path { get; } = path;

    public string Base => $"{Context.Request.Scheme}://{Context.Request.Host}";

    public Task SendAsync(string text, string type) => SendAsync(Encoding.UTF8.GetBytes(text), type);

    public async Task SendAsync(byte[] bytes, string type = "application/octet-stream")
    {
        bytes = Changed(bytes);
        var response = Context.Response;
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"");
        response.Headers.ETag = tag.ToString();
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = type;
        var (from, to) = (0, bytes.Length);
        var headers = Context.Request.GetTypedHeaders();
        if (headers.Range?.Ranges is { Count: 1 } ranges && (headers.IfRange?.EntityTag is not { } wanted || wanted.Compare(tag, useStrongComparison: true)))
        {
            var range = ranges.Single();
            from = (int)(range.From ?? bytes.Length - range.To!.Value);
            if (range.From is not null && range.To is { } last) to = (int)Math.Min(last + 1, bytes.Length);
            if (from >= bytes.Length)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = $"bytes */{bytes.Length}";
                return;
            }

            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{to - 1}/{bytes.Length}";
        }

        response.ContentLength = to - from;
        if (!HttpMethods.IsHead(Context.Request.Method)) await WriteAsync(bytes, from, to);
    }

    private byte[] Changed(byte[] bytes)
    {
        switch (fault)
        {
            case Fault.Corrupted(var at) when bytes.Length > 0:
                bytes = (byte[])bytes.Clone();
                bytes[at < 0 ? Math.Max(0, bytes.Length + at) : Math.Min(at, bytes.Length - 1)] ^= 0x55;
                return bytes;
            case Fault.WrongDigest:
                var text = Encoding.UTF8.GetString(bytes);
                return Encoding.UTF8.GetBytes(Digest().Replace(text, digest => (digest.Value[0] == '0' ? '1' : '0') + digest.Value[1..]));
            default:
                return bytes;
        }
    }

    private async Task WriteAsync(byte[] bytes, int from, int to)
    {
        var (body, gone) = (Context.Response.Body, Context.RequestAborted);
        for (var (at, end) = (from, from); at < to; at = end)
        {
            end = Math.Min(at + Piece, to);
            if (fault is Fault.Slow(var pause)) await Task.Delay(pause, TimeProvider.System, gone);
            if (fault is Fault.Held(var reached, var go) && end > from + ((to - from) / 2) && !go.Task.IsCompleted)
            {
                await body.WriteAsync(bytes.AsMemory(at, (end - at) / 2), gone);
                await body.FlushAsync(gone);
                at += (end - at) / 2;
                reached.TrySetResult();
                await go.Task.WaitAsync(gone);
            }

            if (fault is Fault.Cut(var after) && end - from > after)
            {
                await body.WriteAsync(bytes.AsMemory(at, Math.Max(0, after - (at - from))), gone);
                await body.FlushAsync(gone);
                return; // fewer bytes than announced: the client gets these, and then a broken connection
            }

            await body.WriteAsync(bytes.AsMemory(at, end - at), gone);
            await body.FlushAsync(gone);
        }
    }

    [GeneratedRegex("[0-9a-f]{40,128}")]
    private static partial Regex Digest();
}
