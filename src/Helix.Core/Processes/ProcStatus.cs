using System.Globalization;

namespace Helix.Core.Processes;

/// <summary>What Linux says of a process in <c>/proc/PID/status</c>, as far as its privileges go. See proc(5).</summary>
/// <param name="User">By whose rights it acts.</param>
/// <param name="NoNewPrivileges">No program that it starts can have more.</param>
/// <param name="Filter">0: no filter of system calls; 1: strict; 2: a program decides.</param>
/// <param name="Capabilities">Those in effect, as bits.</param>
internal sealed record ProcStatus(uint User, bool NoNewPrivileges, int Filter, ulong Capabilities)
{
    /// <summary>Null when the text is not what the kernel writes, or an older kernel left something out.</summary>
    public static ProcStatus? Parse(string text)
    {
        var fields = text.Split('\n').Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2).GroupBy(parts => parts[0], StringComparer.Ordinal).ToDictionary(line => line.Key, line => line.First()[1].Trim(), StringComparer.Ordinal);
        return fields.TryGetValue("Uid", out var users) && users.Split('\t', StringSplitOptions.RemoveEmptyEntries) is [_, var effective, ..] && uint.TryParse(effective, NumberStyles.None, CultureInfo.InvariantCulture, out var user)
            && fields.TryGetValue("NoNewPrivs", out var bound) && fields.TryGetValue("Seccomp", out var filter) && int.TryParse(filter, NumberStyles.None, CultureInfo.InvariantCulture, out var mode)
            && fields.TryGetValue("CapEff", out var bits) && ulong.TryParse(bits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var capabilities)
                ? new(user, bound == "1", mode, capabilities)
                : null;
    }
}
