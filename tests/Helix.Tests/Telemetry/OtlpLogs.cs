using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Helix.Tests.Telemetry;

/// <param name="Severity">As OpenTelemetry numbers it: 9 for information, 13 for a warning, 17 for an error.</param>
/// <param name="Scope">Who logged it.</param>
internal sealed record OtlpLog(string Body, ulong Severity, string Scope, IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string> Resource);

/// <summary>Reads what an exporter of logs posts: OTLP's <c>ExportLogsServiceRequest</c>, in protobuf's wire format.</summary>
internal static class OtlpLogs
{
    public static IReadOnlyList<OtlpLog> Read(byte[] request)
    {
        var logs = new List<OtlpLog>();
        foreach (var ofResource in Fields(request).Where(field => field.Number == 1))
        {
            var parts = Fields(ofResource.Bytes);
            var resource = parts.Where(field => field.Number == 1).SelectMany(field => Pairs(field.Bytes, 1)).ToDictionary();
            foreach (var ofScope in parts.Where(field => field.Number == 2).Select(field => Fields(field.Bytes)))
            {
                var scope = ofScope.Where(field => field.Number == 1).SelectMany(field => Fields(field.Bytes)).Where(field => field.Number == 1).Select(field => Encoding.UTF8.GetString(field.Bytes)).FirstOrDefault() ?? "";
                foreach (var record in ofScope.Where(field => field.Number == 2))
                {
                    var fields = Fields(record.Bytes);
                    logs.Add(new(
                        fields.Where(field => field.Number == 5).Select(field => Value(field.Bytes)).FirstOrDefault() ?? "", fields.Where(field => field.Number == 2).Select(field => field.Whole).FirstOrDefault(),
                        scope, Pairs(record.Bytes, 6).ToDictionary(), resource));
                }
            }
        }

        return logs;
    }

    /// <summary>The attributes that a message has under that number.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Pairs(byte[] message, int number) =>
        from attribute in Fields(message)
        where attribute.Number == number
        let parts = Fields(attribute.Bytes)
        select KeyValuePair.Create(Encoding.UTF8.GetString(parts.Single(part => part.Number == 1).Bytes), Value(parts.Single(part => part.Number == 2).Bytes));

    /// <summary>A text, a truth or a whole number, as text.</summary>
    private static string Value(byte[] value) => Fields(value) is [var only, ..] ? only.Number == 1 ? Encoding.UTF8.GetString(only.Bytes) : ((long)only.Whole).ToString(CultureInfo.InvariantCulture) : "";

    private static List<(int Number, ulong Whole, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, ulong, byte[])>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: fields.Add((number, Varint(message, ref at), [])); break;
                case 1: fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at, 8)), [])); at += 8; break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    fields.Add((number, 0, message.AsSpan(at, length).ToArray()));
                    at += length;
                    break;
                case 5: fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at, 4)), [])); at += 4; break;
                default: Assert.Fail($"no field of protobuf begins with {tag}"); break;
            }
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
