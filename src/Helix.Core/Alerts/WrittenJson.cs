using System.Buffers;
using System.Text.Json;

namespace Helix.Core.Alerts;

/// <summary>JSON whose form is another one's matter: written word by word.</summary>
internal static class WrittenJson
{
    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
