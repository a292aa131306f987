using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Gateway;

/// <summary>What one try is about.</summary>
internal sealed partial class Attempt
{
    /// <summary>What stays the same from here to the end of a try.</summary>
    private sealed record Try(Exchange Exchange, ServedModel Model, Chosen Chosen, Race? Race)
    {
        public bool IsOvertaken => Race?.IsLostFor(this) == true;

        public Backend Backend => Chosen.Backend;

        public InstanceTraffic Traffic => Chosen.Traffic;

        public Flight Flight => Chosen.Flight;

        /// <summary>If this one does not answer, another is asked.</summary>
        public bool HasOthers => Chosen.HasOthers || Exchange.HasNextName;

        /// <summary>A refusal says something of how the backend does otherwise: not where it lacks the path, or was only thought to be able to.</summary>
        public bool CountsRefusal(int status) => Exchange.Route.IsUsual || (!Refusal.LacksRoute(status) && Model.Abilities.Certain().HasFlag(Exchange.Route.Needs));

        /// <summary>What it breaks off may be answered again from its beginning; a cloud is not paid twice for it, and no other model says the same as a cloud's.</summary>
        public bool MayGoOn => Backend.Cloud is null;

        /// <summary>What a cloud is sent; null for an engine.</summary>
        public CloudAsk? Ask { get; set; }

        /// <summary>Hears an answer that is not in OpenAI's words; null for any other.</summary>
        public MessagesAnswer? Words { get; set; }

        /// <summary>A part of it has left this machine.</summary>
        public bool WasSent { get; set; }

        /// <summary>It was answered to the end: what was told of it on the way before is less than it took.</summary>
        public bool WasWhole { get; set; }

        /// <summary>The answer was an error for which no cloud charges.</summary>
        public bool WasRefused { get; set; }

        /// <summary>The cloud accepts the key of helix; null while it has not said so.</summary>
        public bool? TakesKey { get; set; }
    }
}
