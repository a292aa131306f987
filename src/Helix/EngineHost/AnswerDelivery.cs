using System.Buffers;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>Brings an answer to its client, as it comes or whole.</summary>
internal static class AnswerDelivery
{
    /// <summary>Each part of the answer is one write. Nothing is sent before the first token is there, so that a failure until then still has its status.</summary>
    public static async Task StreamAsync(HttpContext http, AnswerStream answer, AnswerFormat format)
    {
        var output = http.Response.BodyWriter;
        while (true)
        {
            var part = await answer.NextAsync();
            if (!http.Response.HasStarted)
            {
                if (part is { Count: 0, End: AnswerEnd.Failed(var reason) })
                {
                    await Reply.RefuseAsync(http, Failure(reason));
                    return;
                }

                http.Response.ContentType = "text/event-stream";
                http.Response.Headers.CacheControl = "no-cache";
                format.Role(output);
            }

            for (var i = 0; i < part.Count; i++)
                format.Text(output, part.Piece(i));
            if (part.End is AnswerEnd.Finished finished)
                format.Finish(output, finished);
            else if (part.End is AnswerEnd.Failed(var reason))
                AnswerFormat.Fail(output, Failure(reason));
            var flushed = await output.FlushAsync(http.RequestAborted);
            if (part.End is not null || flushed.IsCompleted)
                return;
        }
    }

    public static async Task WholeAsync(HttpContext http, AnswerStream answer, AnswerFormat format)
    {
        var text = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await answer.NextAsync();
            text.Write(part.Text);
            switch (part.End)
            {
                case AnswerEnd.Finished finished:
                    await Reply.JsonAsync(http, StatusCodes.Status200OK, json => format.Whole(json, text.WrittenSpan, finished));
                    return;
                case AnswerEnd.Failed(var reason):
                    await Reply.RefuseAsync(http, Failure(reason));
                    return;
            }
        }
    }

    private static Refusal Failure(string reason) => Refusal.Unavailable("engine_stopped", $"The answer broke off: {reason}.");
}
