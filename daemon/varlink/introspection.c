/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/introspection.h"

#include <errno.h>

/* As published at https://varlink.org/Service. */
static const char description[] =
    "# The Varlink Service Interface is provided by every varlink service. It\n"
    "# describes the service and the interfaces it implements.\n"
    "interface org.varlink.service\n"
    "\n"
    "# Get a list of all the interfaces a service provides and information\n"
    "# about the implementation.\n"
    "method GetInfo() -> (\n"
    "  vendor: string,\n"
    "  product: string,\n"
    "  version: string,\n"
    "  url: string,\n"
    "  interfaces: []string\n"
    ")\n"
    "\n"
    "# Get the description of an interface that is implemented by this service.\n"
    "method GetInterfaceDescription(interface: string) -> (description: string)\n"
    "\n"
    "# The requested interface was not found.\n"
    "error InterfaceNotFound (interface: string)\n"
    "\n"
    "# The requested method was not found\n"
    "error MethodNotFound (method: string)\n"
    "\n"
    "# The interface defines the requested method, but the service does not\n"
    "# implement it.\n"
    "error MethodNotImplemented (method: string)\n"
    "\n"
    "# One of the passed parameters is invalid.\n"
    "error InvalidParameter (parameter: string)\n"
    "\n"
    "# Client is denied access\n"
    "error PermissionDenied ()\n"
    "\n"
    "# Method is expected to be called with 'more' set to true, but wasn't\n"
    "error ExpectedMore ()\n";

static int add_interfaces(struct json_object *reply, const struct varlink_server *server)
{
    struct json_object *names = json_object_new_array();

    int r = json_add(reply, "interfaces", names);
    for (size_t i = 0; r >= 0 && varlink_server_interface(server, i); i++)
        r = json_append_to(
            names, json_object_new_string(varlink_server_interface(server, i)->name));
    return r;
}

static void get_info(struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct varlink_server *server = userdata;
    const struct varlink_about *about = varlink_server_about(server);
    _cleanup_json_ struct json_object *reply = json_object_new_object();

    if (!reply || json_add_string(reply, "vendor", about->vendor) < 0 ||
        json_add_string(reply, "product", about->product) < 0 ||
        json_add_string(reply, "version", about->version) < 0 ||
        json_add_string(reply, "url", about->url) < 0 || add_interfaces(reply, server) < 0)
        varlink_call_abandon(call);
    else
        varlink_call_reply(call, TAKE_PTR(reply));
}

struct description_parameters {
    const char *interface;
};

static const struct json_field description_fields[] = {
    {"interface", JSON_STRING, offsetof(struct description_parameters, interface), true},
    {0},
};

static void get_interface_description(
    struct varlink_call *call, const void *parameters, void *userdata)
{
    const struct description_parameters *p = parameters;
    const struct varlink_server *server = userdata;
    _cleanup_json_ struct json_object *reply = json_object_new_object();
    const struct varlink_interface *interface;

    for (size_t i = 0; (interface = varlink_server_interface(server, i)); i++) {
        if (streq(interface->name, p->interface))
            break;
    }
    if (!reply || json_add_string(reply, interface ? "description" : "interface",
                      interface ? interface->description : p->interface) < 0)
        varlink_call_abandon(call);
    else if (interface)
        varlink_call_reply(call, TAKE_PTR(reply));
    else
        varlink_call_fail(call, "org.varlink.service.InterfaceNotFound", TAKE_PTR(reply));
}

static const struct varlink_method *const methods[] = {
    &(const struct varlink_method){.name = "GetInfo", .handle = get_info},
    &(const struct varlink_method){
        .name = "GetInterfaceDescription",
        .parameters = description_fields,
        .size = sizeof(struct description_parameters),
        .handle = get_interface_description,
    },
    NULL,
};

void varlink_introspection(struct varlink_server *server, struct varlink_interface *ret)
{
    *ret = (struct varlink_interface){
        .name = "org.varlink.service",
        .description = description,
        .methods = methods,
        .userdata = server,
    };
}
