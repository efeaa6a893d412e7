using System.Text;
using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Tests.Reconciling;

internal static class Desired
{
    public static DeploymentName Name(string name) => DeploymentName.Parse(name).Value;

    public static DesiredDeployment Read(string name, string services, string more = "") =>
        DesiredDeployment.Read(Name(name), Encoding.UTF8.GetBytes($"{{\"PodmanV0\":{{\"services\":[{services}]{more}}}}}")).Value;

    public static string Service(string name, string more = "", string image = "docker.io/library/nginx:1") => $"{{\"name\":\"{name}\",\"image\":\"{image}\"{more}}}";

    public static ActualContainer Container(string deployment, DesiredService service, string state = "running", int exitCode = 0) =>
        new($"id-{service.Name}", ContainerSpecs.NameOf(Name(deployment), service.Name), Name(deployment), service.Name, service.SpecHash, state, exitCode, service.Ports);
}
