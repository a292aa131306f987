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
        foreach (var ofResource in OtlpWire.Fields(request).Within(1))
        {
            var resource = ofResource.Within(1).SelectMany(parts => parts.Attributes(1)).ToDictionary();
            foreach (var ofScope in ofResource.Within(2))
            {
                var scope = ofScope.Within(1).Select(parts => parts.Text(1)).FirstOrDefault() ?? "";
                foreach (var record in ofScope.Within(2))
                    logs.Add(new(
                        record.Where(field => field.Number == 5).Select(field => OtlpWire.Value(field.Bytes)).FirstOrDefault() ?? "", record.Where(field => field.Number == 2).Select(field => field.Whole).FirstOrDefault(),
                        scope, record.Attributes(6), resource));
            }
        }

        return logs;
    }
}
